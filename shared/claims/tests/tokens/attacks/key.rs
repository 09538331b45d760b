//! Attacks with the `kid` header, and with keys inside a token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Access, KeyId, Refusal, SigningKey, TokenKind as _};
use ring::hmac::{self, HMAC_SHA256};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{ALGORITHMS, SECRET, access, parts, seal};

/// The token contains its own key, or a URL from which to fetch it.
#[rstest]
#[case::jwk("jwk", json!({"kty": "oct", "k": SECRET}))]
#[case::jwk_null("jwk", json!(null))]
#[case::jku("jku", json!("https://attacker.example/jwks.json"))]
#[case::jku_file("jku", json!("file:///dev/null"))]
#[case::x5u("x5u", json!("https://attacker.example/chain.pem"))]
#[case::x5c("x5c", json!(["MIIB"]))]
fn key_injection(#[case] name: &str, #[case] value: Value) {
    for service in ALGORITHMS.map(access) {
        let genuine = service.with_header(name, value.clone());
        assert_eq!(service.refusal(&genuine), Refusal::ForbiddenHeader);

        let attacker = SigningKey::hs256(SECRET).unwrap();
        let header = json!({"typ": "at+jwt", "alg": "HS256", "kid": "attacker", name: value});
        let forged = seal(
            header.to_string().as_bytes(),
            service.claims_text().as_bytes(),
            |input| attacker.sign(input).unwrap(),
        );
        assert_eq!(
            service.refusal(&forged),
            Refusal::UnknownKey("attacker".parse().unwrap())
        );
    }
}

/// A `kid` only selects one of the known keys.
#[test]
fn kid_as_path_query_or_command() {
    let empty = hmac::Key::new(HMAC_SHA256, b"");
    let kids = [
        "/dev/null",
        "../../../../../../dev/null",
        "..\\..\\nul",
        "file:///etc/passwd",
        "https://attacker.example/key",
        "' OR '1'='1",
        "x' UNION SELECT 'secret' --",
        "'; DROP TABLE keys; --",
        "x\0",
        "\0",
        "",
        " ",
        "*",
        "%00",
        "{}",
        "$(id)",
        "`id`",
        "| id",
        "x\r\nX-Header: y",
        "__proto__",
        "constructor",
        "\u{202e}",
        "é",
        &"k".repeat(101),
        &"k".repeat(1_000),
    ];
    for service in ALGORITHMS.map(access) {
        for kid in kids {
            let expected = KeyId::parse(kid).map_or(Refusal::NoKeyId, Refusal::UnknownKey);
            let genuine = service.with_header("kid", json!(kid));
            let [header, claims, _] = parts(&genuine);
            let input = format!("{header}.{claims}");
            let keyless = URL_SAFE_NO_PAD.encode(hmac::sign(&empty, input.as_bytes()));

            for token in [&genuine, &format!("{input}.{keyless}"), &format!("{input}.")] {
                let expected = if token.len() > Access::MAX_LENGTH {
                    Refusal::TooLong
                } else {
                    expected.clone()
                };
                assert_eq!(service.refusal(token), expected, "{kid:?}");
            }
        }
    }
}

#[test]
fn kid_of_another_type_or_almost_ours() {
    for service in ALGORITHMS.map(access) {
        let kid = service.kid.as_str();
        for kid in [json!(null), json!(0), json!([kid]), json!({"kid": kid}), json!(true)] {
            assert_eq!(service.refusal(&service.with_header("kid", kid)), Refusal::NoKeyId);
        }
        for kid in [format!("{kid}\0"), format!(" {kid}"), format!("{kid}\n")] {
            assert_eq!(
                service.refusal(&service.with_header("kid", json!(kid))),
                Refusal::NoKeyId
            );
        }
        for kid in [kid.to_lowercase(), kid[1..].to_owned(), format!("{kid}=")] {
            let expected = Refusal::UnknownKey(kid.parse().unwrap());
            assert_eq!(service.refusal(&service.with_header("kid", json!(kid))), expected);
        }
    }
}
