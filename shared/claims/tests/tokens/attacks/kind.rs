//! Attacks with tokens of another kind, and with headers for critical extensions, unencoded payloads, compression and
//! encryption.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Access, Algorithm, KeySet, Refresh, Refusal, Verifier};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{
    ALGORITHMS, NOW, SECRET, access, access_draft, audience, issuer, refresh, refresh_draft, rs256, verify,
};

/// Even with the same key, a token of one kind is not accepted as one of the other kind.
#[test]
fn token_of_the_other_type() {
    let json = format!(r#"{{"keys":[{{"kid":"both","alg":"HS256","activates_at":0,"k":"{SECRET}"}}]}}"#);
    let (access_keys, refresh_keys) = (
        KeySet::<Access>::from_json(&json).unwrap(),
        KeySet::<Refresh>::from_json(&json).unwrap(),
    );
    let access_verifier = Verifier::access(issuer(), audience(), access_keys.verifying_keys());
    let refresh_verifier = Verifier::refresh(issuer(), refresh_keys.verifying_keys());
    let (access_token, refresh_token) = (
        access_keys.sign(&access_draft()).unwrap(),
        refresh_keys.sign(&refresh_draft()).unwrap(),
    );

    assert!(verify(&access_verifier, access_token.expose(), NOW).is_ok());
    assert!(verify(&refresh_verifier, refresh_token.expose(), NOW).is_ok());
    assert_eq!(
        verify(&access_verifier, refresh_token.expose(), NOW).unwrap_err(),
        Refusal::WrongType
    );
    assert_eq!(
        verify(&refresh_verifier, access_token.expose(), NOW).unwrap_err(),
        Refusal::WrongType
    );
}

#[test]
fn type_in_another_spelling() {
    for typ in [
        "JWT",
        "jwt",
        "at+jwt ",
        " at+jwt",
        "application/",
        "application/jwt",
        "application/rt+jwt",
        "application/at+jwt;v=1",
        "application/application/at+jwt",
        "application//at+jwt",
        "application\\at+jwt",
        "text/at+jwt",
        "/at+jwt",
        "\u{212a}t+jwt",
        "applic\u{e4}tion/at+jwt",
        "at+jwt;v=1",
        "rt+jwt",
        "dt+jwt",
        "id+jwt",
        "",
    ] {
        assert_eq!(
            rs256().refusal(&rs256().with_header("typ", json!(typ))),
            Refusal::WrongType,
            "{typ:?}"
        );
    }
    for typ in ["at+jwt", "application/at+jwt", "application/dt+jwt", "rt+jwt\0"] {
        assert_eq!(
            refresh().refusal(&refresh().with_header("typ", json!(typ))),
            Refusal::WrongType,
            "{typ:?}"
        );
    }
}

/// The prefix `application/` is optional (RFC 9068 s4), and media types are case-insensitive (RFC 7515 s4.1.9).
#[test]
fn type_as_a_whole_media_type() {
    for typ in ["at+jwt", "AT+JWT", "at+JWT", "application/at+jwt", "Application/AT+JWT"] {
        for service in ALGORITHMS.map(access) {
            assert!(service.verify(&service.with_header("typ", json!(typ))).is_ok(), "{typ}");
        }
    }
    for typ in ["rt+jwt", "RT+JWT", "application/rt+jwt", "APPLICATION/rt+jwt"] {
        assert!(
            refresh().verify(&refresh().with_header("typ", json!(typ))).is_ok(),
            "{typ}"
        );
    }
}

#[rstest]
#[case::unknown(json!(["x"]))]
#[case::known(json!(["exp"]))]
#[case::of_the_header(json!(["alg"]))]
#[case::empty(json!([]))]
#[case::null(json!(null))]
#[case::text(json!("exp"))]
#[case::number(json!(0))]
#[case::twice(json!(["exp", "exp"]))]
fn critical_extensions(#[case] crit: Value) {
    for service in ALGORITHMS.map(access) {
        assert_eq!(
            service.refusal(&service.with_header("crit", crit.clone())),
            Refusal::ForbiddenHeader
        );
    }
}

/// The payload is not encoded (RFC 7797).
#[test]
fn unencoded_payload() {
    let service = access(Algorithm::HS256);
    for text in [
        r#","b64":false,"crit":["b64"]"#,
        r#","b64":false"#,
        r#","b64":true"#,
        r#","b64":null"#,
    ] {
        assert_eq!(
            service.refusal(&service.with_header_text(text)),
            Refusal::ForbiddenHeader
        );
    }
    let header = service.header_text().replace('}', r#","b64":false,"crit":["b64"]}"#);
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), service.claims_text());
    let signature = URL_SAFE_NO_PAD.encode(service.key.sign(input.as_bytes()).unwrap());

    assert_eq!(service.refusal(&format!("{input}.{signature}")), Refusal::NotCompact);
}

#[rstest]
#[case::compressed("zip", json!("DEF"))]
#[case::compressed_null("zip", json!(null))]
#[case::encrypted("enc", json!("A256GCM"))]
fn compression_and_encryption(#[case] name: &str, #[case] value: Value) {
    for service in ALGORITHMS.map(access) {
        assert_eq!(
            service.refusal(&service.with_header(name, value.clone())),
            Refusal::ForbiddenHeader
        );
    }
}

#[test]
fn encrypted_tokens() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A256GCM","typ":"at+jwt"}"#);
    let nested = format!(
        "{header}..AAAA.{}.AAAA",
        URL_SAFE_NO_PAD.encode(access(Algorithm::HS256).token())
    );

    for token in [nested, format!("{header}....")] {
        assert_eq!(rs256().refusal(&token), Refusal::NotCompact);
    }
}
