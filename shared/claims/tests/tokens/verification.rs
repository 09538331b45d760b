//! Verification as its users see it: what is accepted, and each way in which a token can be invalid.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Algorithm, KeyId, KeySet, Refresh, Refusal, Seconds, Timestamp, Verifier};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{
    ALGORITHMS, NOW, SECRET, access, access_draft, audience, issuer, parts, refresh, refresh_draft, rs256, verify,
    verify_of_any_age,
};

#[test]
fn an_issued_access_token_verifies_with_the_drafted_claims() {
    for algorithm in ALGORITHMS {
        let service = access(algorithm);
        let token = service.keys.sign(&access_draft()).unwrap();

        let claims = service.verify(token.expose()).unwrap();

        assert_eq!(claims.sub().as_str(), "user-1");
        assert_eq!(claims.sid().as_str(), "session-1");
        assert_eq!(claims.jti().as_str(), "token-1");
        assert_eq!((claims.iat(), claims.exp()), (access_draft().iat, access_draft().exp));
        assert_eq!(claims.own(), &access_draft().own);
    }
}

#[rstest]
#[case(Algorithm::RS256)]
#[case(Algorithm::ES256)]
#[case(Algorithm::EdDSA)]
fn the_published_keys_verify_what_the_private_ones_signed(#[case] algorithm: Algorithm) {
    let service = access(algorithm);
    let published = service.keys.jwks().verifying_keys().unwrap();
    let verifier = Verifier::access(issuer(), audience(), published);

    assert!(verify(&verifier, &service.token(), NOW).is_ok());
    assert_eq!(service.key.thumbprint(), Some(&service.kid));
}

#[test]
fn a_secret_is_not_published() {
    let jwks = access(Algorithm::HS256).keys.jwks();

    assert_eq!(serde_json::to_value(jwks).unwrap(), json!({"keys": []}));
}

#[rstest]
#[case::at_issue(0, Ok(()))]
#[case::last_second(900 + 29, Ok(()))]
#[case::first_second_after(900 + 30, Err(Refusal::Expired))]
#[case::issued_within_the_leeway(-30, Ok(()))]
#[case::issued_in_the_future(-31, Err(Refusal::IssuedInFuture))]
fn a_token_lives_from_issue_to_expiry_give_or_take_the_leeway(
    #[case] offset: i64,
    #[case] expected: Result<(), Refusal>,
) {
    let now = Timestamp::new(NOW.get().checked_add_signed(offset).unwrap());

    assert_eq!(verify(&rs256().verifier, &rs256().token(), now).map(|_| ()), expected);
}

#[test]
fn a_refresh_token_of_any_age_can_still_end_its_session() {
    let token = refresh().token();
    let much_later = NOW.plus(Seconds::new(1_000_000));
    let verifier = &refresh().verifier;

    assert_eq!(verify(verifier, &token, much_later).unwrap_err(), Refusal::Expired);
    assert!(verify_of_any_age(verifier, &token, much_later).is_ok());
    let changed = token.replacen("ey", "fy", 1);
    assert!(verify_of_any_age(verifier, &changed, much_later).is_err());
}

#[test]
fn neither_kind_of_token_passes_for_the_other() {
    assert_eq!(rs256().refusal(&refresh().token()), Refusal::WrongType);
    // An access token is longer than any refresh token, so only its length is checked.
    assert_eq!(refresh().refusal(&rs256().token()), Refusal::TooLong);
    let short = access(Algorithm::HS256).token();
    assert_eq!(refresh().refusal(&short), Refusal::WrongType);
}

#[rstest]
#[case::no_dot("abc", Refusal::NotCompact)]
#[case::four_parts("e30.e30.e30.e30", Refusal::NotCompact)]
#[case::padding("e30=.e30.e30", Refusal::NotCompact)]
#[case::standard_alphabet("e3+/.e30.e30", Refusal::NotCompact)]
#[case::white_space(" e30.e30.e30", Refusal::NotCompact)]
#[case::empty("", Refusal::NotCompact)]
#[case::not_json("YWJj.e30.e30", Refusal::MalformedHeader)]
#[case::empty_parts("..", Refusal::MalformedHeader)]
#[case::no_type("e30.e30.e30", Refusal::WrongType)]
#[case::longest(&"a".repeat(2048), Refusal::NotCompact)]
#[case::too_long(&"a".repeat(2049), Refusal::TooLong)]
fn what_is_no_token_is_refused(#[case] token: &str, #[case] expected: Refusal) {
    assert_eq!(rs256().refusal(token), expected);
    assert!(!expected.is_signed());
}

/// The headers are invalid, but signed with the real key.
#[rstest]
#[case::typ("typ", json!("JWT"), Refusal::WrongType)]
#[case::typ_of_another_tree("typ", json!("text/at+jwt"), Refusal::WrongType)]
#[case::typ_array("typ", json!(["at+jwt"]), Refusal::WrongType)]
#[case::kid_number("kid", json!(1), Refusal::NoKeyId)]
#[case::kid_null("kid", json!(null), Refusal::NoKeyId)]
#[case::kid_empty("kid", json!(""), Refusal::NoKeyId)]
#[case::kid_of_another("kid", json!("another"), Refusal::UnknownKey(KeyId::parse("another").unwrap()))]
#[case::alg_none("alg", json!("none"), Refusal::WrongAlgorithm)]
#[case::alg_hs256("alg", json!("HS256"), Refusal::WrongAlgorithm)]
#[case::alg_case("alg", json!("rs256"), Refusal::WrongAlgorithm)]
#[case::alg_number("alg", json!(1), Refusal::WrongAlgorithm)]
#[case::crit("crit", json!(["exp"]), Refusal::ForbiddenHeader)]
#[case::crit_null("crit", json!(null), Refusal::ForbiddenHeader)]
#[case::zip("zip", json!("DEF"), Refusal::ForbiddenHeader)]
fn a_header_that_was_never_issued_is_refused(#[case] name: &str, #[case] value: Value, #[case] expected: Refusal) {
    assert_eq!(rs256().refusal(&rs256().with_header(name, value)), expected);
    assert!(!expected.is_signed());
}

/// The claims are invalid, but signed with the real key.
#[rstest]
#[case::iss("iss", Some(json!("https://other.example")), Refusal::WrongIssuer)]
#[case::iss_longer("iss", Some(json!("https://issuer.example/")), Refusal::WrongIssuer)]
#[case::iss_array("iss", Some(json!(["https://issuer.example"])), Refusal::NoIssuer)]
#[case::no_iss("iss", None, Refusal::NoIssuer)]
#[case::aud("aud", Some(json!("other")), Refusal::WrongAudience)]
#[case::aud_case("aud", Some(json!("Dashboard")), Refusal::WrongAudience)]
#[case::aud_empty("aud", Some(json!([])), Refusal::WrongAudience)]
#[case::aud_mixed("aud", Some(json!(["dashboard", 1])), Refusal::NoAudience)]
#[case::aud_nested("aud", Some(json!([["dashboard"]])), Refusal::NoAudience)]
#[case::aud_object("aud", Some(json!({"dashboard": "dashboard"})), Refusal::NoAudience)]
#[case::aud_null("aud", Some(json!(null)), Refusal::NoAudience)]
#[case::no_aud("aud", None, Refusal::NoAudience)]
#[case::no_exp("exp", None, Refusal::NoExpiry)]
#[case::exp_null("exp", Some(json!(null)), Refusal::NoExpiry)]
#[case::exp_past("exp", Some(json!(1_699_999_970)), Refusal::Expired)]
#[case::no_iat("iat", None, Refusal::NoIssueTime)]
#[case::iat_text("iat", Some(json!("1700000000")), Refusal::NoIssueTime)]
#[case::iat_future("iat", Some(json!(1_700_000_031)), Refusal::IssuedInFuture)]
#[case::nbf_future("nbf", Some(json!(1_700_000_031)), Refusal::NotYetValid)]
#[case::nbf_null("nbf", Some(json!(null)), Refusal::MalformedNotBefore)]
#[case::no_sub("sub", None, Refusal::NoSubject)]
#[case::empty_sub("sub", Some(json!("")), Refusal::NoSubject)]
#[case::sub_number("sub", Some(json!(1)), Refusal::NoSubject)]
#[case::no_sid("sid", None, Refusal::NoSessionId)]
#[case::sid_array("sid", Some(json!(["session-1"])), Refusal::NoSessionId)]
#[case::no_jti("jti", None, Refusal::NoTokenId)]
#[case::long_jti("jti", Some(json!("j".repeat(101))), Refusal::NoTokenId)]
#[case::no_role("role", None, Refusal::MalformedOwnClaims)]
#[case::role_array("role", Some(json!(["admin"])), Refusal::MalformedOwnClaims)]
#[case::no_scope("scope", None, Refusal::MalformedOwnClaims)]
#[case::scope_array("scope", Some(json!(["reports:read"])), Refusal::MalformedOwnClaims)]
#[case::no_client("client_id", None, Refusal::MalformedOwnClaims)]
#[case::no_email("email", None, Refusal::MalformedOwnClaims)]
#[case::no_auth_time("auth_time", None, Refusal::MalformedOwnClaims)]
#[case::negative_epoch("epoch", Some(json!(-1)), Refusal::MalformedOwnClaims)]
fn claims_that_do_not_hold_are_refused(#[case] name: &str, #[case] value: Option<Value>, #[case] expected: Refusal) {
    assert_eq!(rs256().refusal(&rs256().with_claim(name, value)), expected);
    assert!(expected.is_signed());
}

#[rstest]
#[case::no_generation("gen", None, Refusal::MalformedOwnClaims)]
#[case::no_delivery("delivery", None, Refusal::MalformedOwnClaims)]
#[case::other_delivery("delivery", Some(json!("pigeon")), Refusal::MalformedOwnClaims)]
#[case::api_audience("aud", Some(json!("dashboard")), Refusal::WrongAudience)]
fn claims_of_a_refresh_token_that_do_not_hold_are_refused(
    #[case] name: &str,
    #[case] value: Option<Value>,
    #[case] expected: Refusal,
) {
    assert_eq!(refresh().refusal(&refresh().with_claim(name, value)), expected);
}

#[rstest]
#[case::one_audience_among_several("aud", json!(["other", "dashboard"]))]
#[case::valid_since_now("nbf", json!(1_700_000_000))]
#[case::valid_within_the_leeway("nbf", json!(1_700_000_030))]
#[case::issued_within_the_leeway("iat", json!(1_700_000_030))]
#[case::expired_within_the_leeway("exp", json!(1_699_999_971))]
#[case::last_date_of_all("exp", json!(253_402_300_799_u64))]
#[case::a_claim_of_tomorrow("amr", json!(["pwd"]))]
fn claims_that_hold_are_accepted(#[case] name: &str, #[case] value: Value) {
    assert!(rs256().verify(&rs256().with_claim(name, Some(value))).is_ok());
}

/// A token that is invalid in every way is refused by the first check, then by the second one when that fault is
/// removed, and so on.
#[test]
fn the_checks_are_made_in_their_order() {
    let service = rs256();
    let mut token = service.sealed(|header, claims| {
        header.extend(object(json!({"typ": "JWT", "kid": 1, "alg": "none", "crit": []})));
        claims.clear();
        claims.extend(object(
            json!({"iss": 1, "aud": 1, "exp": "1", "nbf": "1", "iat": "1", "sub": 1}),
        ));
    });
    let mut reasons = vec![service.refusal(&token).reason()];

    for (is_header, name, value) in [
        (true, "typ", json!("at+jwt")),
        (true, "kid", json!(service.kid)),
        (true, "alg", json!("RS256")),
        (true, "crit", Value::Null),
        (false, "iss", json!("other")),
        (false, "iss", json!("https://issuer.example")),
        (false, "aud", json!("other")),
        (false, "aud", json!("dashboard")),
        (false, "exp", json!(1)),
        (false, "nbf", json!(9_999_999_999_u64)),
        (false, "iat", json!(9_999_999_999_u64)),
        (false, "exp", json!(9_999_999_999_u64)),
        (false, "nbf", json!(1)),
        (false, "iat", json!(1)),
        (false, "sub", json!("user-1")),
        (false, "sid", json!("session-1")),
        (false, "jti", json!("token-1")),
    ] {
        let [mut header, mut claims] = [0, 1].map(|part| decoded(parts(&token)[part]));
        let changed = if is_header { &mut header } else { &mut claims };
        changed.remove(name);
        changed.extend((!value.is_null()).then(|| (name.to_owned(), value)));
        let [header, claims] = [header, claims].map(|object| Value::Object(object).to_string());
        token = service.sealed_bytes(header.as_bytes(), claims.as_bytes());
        reasons.push(service.refusal(&token).reason());
    }

    assert_eq!(
        reasons,
        [
            "wrong_type",
            "no_key_id",
            "wrong_algorithm",
            "forbidden_header",
            "no_issuer",
            "wrong_issuer",
            "no_audience",
            "wrong_audience",
            "no_expiry",
            "malformed_not_before",
            "no_issue_time",
            "expired",
            "not_yet_valid",
            "issued_in_future",
            "no_subject",
            "no_session_id",
            "no_token_id",
            "malformed_own_claims",
        ]
    );
}

#[test]
fn every_changed_character_is_refused() {
    for algorithm in ALGORITHMS {
        let service = access(algorithm);
        let token = service.token();

        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();

            assert!(service.verify(&changed).is_err(), "{algorithm:?}, character {position}");
        }
    }
}

#[test]
fn a_retired_key_verifies_nothing() {
    let secret = |kid: &str, dates: &str| format!(r#"{{"kid":"{kid}","alg":"HS256","k":"{SECRET}",{dates}}}"#);
    let json = format!(
        r#"{{"keys":[{},{}]}}"#,
        secret("a", r#""activates_at":0,"retires_at":1700000010"#),
        secret("b", r#""activates_at":1700000005"#)
    );
    let keys = KeySet::<Refresh>::from_json(&json).unwrap();
    let token = keys.sign(&refresh_draft()).unwrap();
    let verifier = Verifier::refresh(issuer(), keys.verifying_keys());
    let after = |seconds| verify(&verifier, token.expose(), NOW.plus(Seconds::new(seconds)));

    assert!(after(9).is_ok());
    assert_eq!(after(10).unwrap_err(), Refusal::UnknownKey(KeyId::parse("a").unwrap()));
}

#[test]
fn the_last_key_of_a_set_never_retires() {
    let token = refresh().with_claim("exp", Some(json!(253_402_300_799_u64)));
    let centuries_later = NOW.plus(Seconds::new(10_000_000_000));

    assert!(verify(&refresh().verifier, &token, centuries_later).is_ok());
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn decoded(part: &str) -> serde_json::Map<String, Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
