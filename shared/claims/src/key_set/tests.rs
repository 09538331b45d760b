//! Tests of key sets.

use rstest::rstest;

use super::*;
use crate::{Access, InvalidKey, Refresh};

const SECRET: &str = "mWw6J2u1HKh3w_1cALSpX13ogs3b1eDdg4TwHQMLPSU";

fn hs256(kid: &str, rest: &str) -> String {
    format!(r#"{{"kid":"{kid}","alg":"HS256","activates_at":100{rest}}}"#)
}

fn set(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

#[rstest]
#[case::not_json("{", "not a key set: malformed at line 1, column 1")]
#[case::twice(
    &set(&[hs256("a", &format!(r#","k":"{SECRET}""#)), hs256("a", &format!(r#","k":"{SECRET}""#))]),
    "key a: another key has the same kid"
)]
#[case::short(&set(&[hs256("a", r#","k":"c2hvcnQ""#)]), "key a: its secret is shorter than 32 bytes")]
#[case::constant(
    &set(&[hs256("a", r#","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#)]),
    "key a: its secret is not random"
)]
#[case::published(
    &set(&[hs256("a", r#","k":"YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc""#)]),
    "key a: its secret is a published example"
)]
#[case::not_base64(&set(&[hs256("a", r#","k":"%%%""#)]), "key a: its key material is not base64")]
#[case::no_secret(&set(&[hs256("a", "")]), "key a: it needs exactly the member `k`")]
#[case::both(
    &set(&[hs256("a", &format!(r#","k":"{SECRET}","pkcs8":"AA==""#))]),
    "key a: it needs exactly the member `k`"
)]
#[case::schedule(
    &set(&[hs256("a", &format!(r#","k":"{SECRET}","retires_at":100"#))]),
    "key a: it retires before it activates"
)]
#[case::long_kid(
    &set(&[hs256(&"a".repeat(44), &format!(r#","k":"{SECRET}""#))]),
    &format!("key {}: its kid is longer than 43 characters", "a".repeat(44))
)]
fn a_bad_key_set_is_refused_with_its_key_and_fault(#[case] json: &str, #[case] message: &str) {
    let error = KeySet::<Refresh>::from_json(json).unwrap_err();

    assert_eq!(error.to_string(), message);
}

#[test]
fn a_set_without_keys_is_one_that_waits_for_its_first() {
    let keys = KeySet::<Access>::from_json(r#"{"keys":[]}"#).unwrap();

    assert!(keys.is_empty());
    assert_eq!(keys.ready(Timestamp::new(100)), Err(SignError::NoActiveKey));
    assert!(keys.jwks().is_empty());
}

#[rstest]
#[case("RS256")]
#[case("ES256")]
#[case("EdDSA")]
#[case("HS512")]
fn a_refresh_key_is_of_no_other_algorithm_than_hs256(#[case] alg: &str) {
    let json = format!(r#"{{"keys":[{{"kid":"a","alg":"{alg}","activates_at":1,"pkcs8":"AA=="}}]}}"#);

    let error = KeySet::<Refresh>::from_json(&json).unwrap_err();

    assert_eq!(
        error.to_string(),
        "key a: its alg is not one for rt+jwt tokens, use [HS256]"
    );
}

#[test]
fn a_misplaced_secret_is_not_echoed() {
    let json = r#"{"keys":[{"kid":"a","alg":"HS256","activates_at":"super-secret-value","k":"x"}]}"#;

    let error = KeySet::<Refresh>::from_json(json).unwrap_err();

    assert!(!error.to_string().contains("super"), "{error}");
}

#[rstest]
#[case::rs256("RS256", r#""pkcs8":"MAA=""#, &InvalidKey::InvalidRsa.to_string())]
#[case::es256("ES256", r#""pkcs8":"MAA=""#, &InvalidKey::InvalidP256.to_string())]
#[case::eddsa("EdDSA", r#""pkcs8":"MAA=""#, &InvalidKey::InvalidEd25519.to_string())]
#[case::not_base64("ES256", r#""pkcs8":"%""#, &InvalidKey::NotBase64.to_string())]
#[case::secret_for_rs256("RS256", r#""k":"AA""#, "it needs exactly the member `pkcs8`")]
#[case::secret_for_es256("ES256", r#""k":"AA""#, "it needs exactly the member `pkcs8`")]
#[case::both_for_eddsa("EdDSA", r#""pkcs8":"MAA=","k":"AA""#, "it needs exactly the member `pkcs8`")]
#[case::private_for_hs256("HS256", r#""pkcs8":"MAA=""#, "it needs exactly the member `k`")]
#[case::not_offered(
    "PS256",
    r#""pkcs8":"MAA=""#,
    "its alg is not one for at+jwt tokens, use [RS256, ES256, EdDSA, HS256]"
)]
#[case::none(
    "none",
    r#""k":"""#,
    "its alg is not one for at+jwt tokens, use [RS256, ES256, EdDSA, HS256]"
)]
fn a_bad_access_key_is_refused(#[case] alg: &str, #[case] member: &str, #[case] fault: &str) {
    let json = format!(r#"{{"keys":[{{"kid":"a","alg":"{alg}","activates_at":1,{member}}}]}}"#);

    let error = KeySet::<Access>::from_json(&json).unwrap_err();

    assert_eq!(error.to_string(), format!("key a: {fault}"));
}

#[rstest]
#[case::ambiguous(&[("a", 100, None), ("b", 100, None)], "key b: it activates at the same time as key a")]
#[case::permanent(&[("a", 100, None), ("b", 200, None)], "key a: it has a successor, key b, but never retires")]
#[case::listed_backwards(&[("b", 200, None), ("a", 100, None)], "key a: it has a successor, key b, but never retires")]
#[case::gap(
    &[("a", 100, Some(199)), ("b", 200, None)],
    "key a: it retires before its successor, key b, activates"
)]
#[case::gap_later(
    &[("a", 100, Some(300)), ("b", 200, Some(299)), ("c", 300, None)],
    "key b: it retires before its successor, key c, activates"
)]
#[case::last(&[("a", 100, Some(200))], "key a: it retires but has no successor")]
#[case::last_of_two(&[("a", 100, Some(200)), ("b", 200, Some(300))], "key b: it retires but has no successor")]
fn a_schedule_that_contradicts_itself_is_refused(#[case] keys: &[(&str, u64, Option<u64>)], #[case] message: &str) {
    let error = KeySet::<Refresh>::from_json(&scheduled(keys)).unwrap_err();

    assert_eq!(error.to_string(), message);
}

#[test]
fn the_newest_active_key_signs() {
    let schedules: [&[(&str, u64, Option<u64>)]; 2] = [
        &[("old", 100, Some(200)), ("next", 200, None)],
        &[("next", 200, None), ("old", 100, Some(900))],
    ];

    for schedule in schedules {
        let keys = KeySet::<Refresh>::from_json(&scheduled(schedule)).unwrap();
        let signer = |at| keys.signer_at(Timestamp::new(at)).map(|key| key.kid.as_str());

        assert_eq!(signer(99), None);
        assert_eq!(keys.ready(Timestamp::new(99)), Err(SignError::NoActiveKey));
        assert_eq!(keys.ready(Timestamp::new(100)), Ok(()));
        assert_eq!(signer(100), Some("old"));
        assert_eq!(signer(199), Some("old"));
        assert_eq!(signer(200), Some("next"));
    }
}

/// Returns a set of keys given by `kid`, activation and retirement.
fn scheduled(keys: &[(&str, u64, Option<u64>)]) -> String {
    let keys = keys.iter().map(|(kid, activates_at, retires_at)| {
        serde_json::json!({
            "kid": kid, "alg": "HS256", "activates_at": activates_at, "retires_at": retires_at, "k": SECRET
        })
        .to_string()
    });
    set(&keys.collect::<Vec<_>>())
}
