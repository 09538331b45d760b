//! Verification of tokens: what is accepted, and each way in which a token can be invalid.

mod contents;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Algorithm, KeyId, KeySet, Refresh, Refusal, Span, Timestamp, Verifier};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{
    ALGORITHMS, NOW, SECRET, access, access_draft, audience, issuer, refresh, refresh_draft, rs256, verify,
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
    let much_later = NOW.plus(Span::seconds(1_000_000));
    let verifier = &refresh().verifier;

    assert_eq!(verify(verifier, &token, much_later).unwrap_err(), Refusal::Expired);
    assert!(verify_of_any_age(verifier, &token, much_later).is_ok());
    let changed = token.replacen("ey", "fy", 1);
    assert!(verify_of_any_age(verifier, &changed, much_later).is_err());
}

#[test]
fn neither_kind_of_token_passes_for_the_other() {
    assert_eq!(rs256().refusal(&refresh().token()), Refusal::WrongType);
    // This access token is longer than the limit of refresh tokens, so its type is not checked.
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
#[case::longest(&"a".repeat(2125), Refusal::NotCompact)]
#[case::too_long(&"a".repeat(2126), Refusal::TooLong)]
fn what_is_no_token_is_refused(#[case] token: &str, #[case] expected: Refusal) {
    assert_eq!(rs256().refusal(token), expected);
    assert!(!expected.is_signed());
}

/// The header is invalid, but the signature is that of the real key.
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
    let after = |seconds| verify(&verifier, token.expose(), NOW.plus(Span::seconds(seconds)));

    assert!(after(9).is_ok());
    assert_eq!(after(10).unwrap_err(), Refusal::UnknownKey(KeyId::parse("a").unwrap()));
}

#[test]
fn the_last_key_of_a_set_never_retires() {
    let token = refresh().with_claim("exp", Some(json!(253_402_300_799_u64)));
    let centuries_later = NOW.plus(Span::seconds(10_000_000_000));

    assert!(verify(&refresh().verifier, &token, centuries_later).is_ok());
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn decoded(part: &str) -> serde_json::Map<String, Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
