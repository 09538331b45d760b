//! The claims that hold and those that do not, and the order of the checks.

use claims::Refusal;
use rstest::rstest;
use serde_json::{Value, json};

use super::{decoded, object};
use crate::harness::{parts, refresh, rs256};

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
