//! RFC 8725, "JSON Web Token Best Current Practices": one test for each section of its chapter 3.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Access, Algorithm, InvalidKey, KeySet, Refresh, Refusal, SigningKey, TokenKind as _, VerifyingKey};
use serde_json::json;

use crate::harness::{ALGORITHMS, NOW, access, parts, refresh, rs256, verify};

/// Each key has exactly one algorithm, and a token with another one is refused.
#[test]
fn section_3_1_perform_algorithm_verification() {
    for service in ALGORITHMS.map(access) {
        for alg in ALGORITHMS.iter().filter(|alg| **alg != service.algorithm) {
            let token = service.with_header("alg", json!(format!("{alg:?}")));

            assert_eq!(service.refusal(&token), Refusal::WrongAlgorithm, "{alg:?}");
        }
    }
}

/// Only current algorithms can be configured, and "none" is not one of them.
#[test]
fn section_3_2_use_appropriate_algorithms() {
    assert_eq!(Access::ALGORITHMS, ALGORITHMS);
    assert_eq!(Refresh::ALGORITHMS, [Algorithm::HS256]);
    for alg in ["none", "RS384", "PS256", "ES384", "ES256K", "HS512", "RSA1_5", "dir"] {
        let set = format!(r#"{{"keys":[{{"kid":"a","alg":"{alg}","activates_at":0,"k":"AA"}}]}}"#);

        assert!(
            KeySet::<Access>::from_json(&set)
                .unwrap_err()
                .to_string()
                .contains("its alg is not one")
        );
        assert_eq!(
            rs256().refusal(&rs256().with_header("alg", json!(alg))),
            Refusal::WrongAlgorithm
        );
    }
}

/// A token with an invalid signature is refused before anything in it is used.
#[test]
fn section_3_3_validate_all_cryptographic_operations() {
    for service in ALGORITHMS.map(access) {
        for (name, value) in [("iss", json!(1)), ("exp", json!(0)), ("sub", json!(null))] {
            let token = service.with_claim(name, Some(value));
            let [header, claims, _] = parts(&token);
            let genuine = service.token();

            let refusal = service.refusal(&format!("{header}.{claims}.{}", parts(&genuine)[2]));

            assert_eq!(refusal, Refusal::BadSignature, "{name}");
        }
    }
}

/// A point that is not on its curve is not a valid key.
#[test]
fn section_3_4_validate_cryptographic_inputs() {
    let point = |x: &str, y: &str| VerifyingKey::es256(x, y).map(|_| ());
    let (x, y) = (
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    );

    assert_eq!(point(x, y), Ok(()));
    assert_eq!(point(y, x), Err(InvalidKey::InvalidPublicP256));
    assert_eq!(point(x, x), Err(InvalidKey::InvalidPublicP256));
}

/// A memorable password is not a valid key for HS256.
#[test]
fn section_3_5_ensure_cryptographic_keys_have_sufficient_entropy() {
    let hs256 = |secret: &str| SigningKey::hs256(&URL_SAFE_NO_PAD.encode(secret)).err();

    assert_eq!(hs256("secret"), Some(InvalidKey::ShortSecret));
    assert_eq!(hs256("your-256-bit-secret"), Some(InvalidKey::ShortSecret));
    assert_eq!(
        hs256("secretsecretsecretsecretsecretsecret"),
        Some(InvalidKey::PredictableSecret)
    );
    assert_eq!(
        hs256("a-string-secret-at-least-256-bits-long"),
        Some(InvalidKey::PublishedSecret)
    );
}

/// Compressed and encrypted tokens are refused.
#[test]
fn section_3_6_avoid_compression_of_encryption_inputs() {
    for (name, value) in [("zip", "DEF"), ("enc", "A256GCM")] {
        assert_eq!(
            rs256().refusal(&rs256().with_header(name, json!(value))),
            Refusal::ForbiddenHeader
        );
    }
}

/// Header and claims must be UTF-8.
#[test]
fn section_3_7_use_utf_8() {
    let service = rs256();
    let latin_1 = |text: &str| [&text.as_bytes()[..text.len() - 1], b",\"x\":\"\xe9\"}"].concat();
    let [header, claims] = [service.header_text(), service.claims_text()];

    assert!(
        service
            .verify(&service.with_claim("name", Some(json!("Élodie 🔑"))))
            .is_ok()
    );
    let token = service.sealed_bytes(&latin_1(&header), claims.as_bytes());
    assert_eq!(service.refusal(&token), Refusal::MalformedHeader);
    let token = service.sealed_bytes(header.as_bytes(), &latin_1(&claims));
    assert_eq!(service.refusal(&token), Refusal::MalformedClaims);
}

/// Only tokens of the expected issuer are accepted, and the subject must be valid.
#[test]
fn section_3_8_validate_issuer_and_subject() {
    for issuer in [
        "https://other.example",
        "https://issuer.example/",
        "HTTPS://ISSUER.EXAMPLE",
        "",
    ] {
        assert_eq!(
            rs256().refusal(&rs256().with_claim("iss", Some(json!(issuer)))),
            Refusal::WrongIssuer
        );
    }
    assert_eq!(rs256().refusal(&rs256().with_claim("iss", None)), Refusal::NoIssuer);
    for subject in [None, Some(json!("")), Some(json!(1)), Some(json!("a b"))] {
        assert_eq!(rs256().refusal(&rs256().with_claim("sub", subject)), Refusal::NoSubject);
    }
}

/// A token without an audience, or only for other audiences, is refused.
#[test]
fn section_3_9_use_and_validate_audience() {
    assert_eq!(rs256().refusal(&rs256().with_claim("aud", None)), Refusal::NoAudience);
    for audience in [json!("other"), json!([]), json!(["other", "dash"]), json!("dashboard ")] {
        assert_eq!(
            rs256().refusal(&rs256().with_claim("aud", Some(audience))),
            Refusal::WrongAudience
        );
    }
    // A refresh token with the audience of access tokens is refused. Its own audience is the issuer.
    let token = refresh().with_claim("aud", Some(json!("dashboard")));
    assert_eq!(refresh().refusal(&token), Refusal::WrongAudience);
}

/// A `kid` only selects one of the known keys, and a key or URL in the token is never used.
#[test]
fn section_3_10_do_not_trust_received_claims() {
    for kid in ["' OR 1=1 --", "*)(uid=*", "\0", "../../key.pem"] {
        let refusal = rs256().refusal(&rs256().with_header("kid", json!(kid)));
        assert!(
            matches!(refusal, Refusal::NoKeyId | Refusal::UnknownKey(_)),
            "{refusal}"
        );
    }
    for name in ["jku", "x5u", "jwk", "x5c"] {
        let token = rs256().with_header(name, json!("https://attacker.example"));
        assert_eq!(rs256().refusal(&token), Refusal::ForbiddenHeader);
    }
}

/// The `typ` header distinguishes the kinds of token.
#[test]
fn section_3_11_use_explicit_typing() {
    assert_ne!(Access::TYP, Refresh::TYP);
    for service in ALGORITHMS.map(access) {
        let without = service.sealed(|header, _| {
            header.remove("typ");
        });
        assert_eq!(service.refusal(&without), Refusal::WrongType);
        for typ in ["JWT", "rt+jwt"] {
            assert_eq!(
                service.refusal(&service.with_header("typ", json!(typ))),
                Refusal::WrongType
            );
        }
    }
}

/// Access and refresh tokens have different types, keys, audiences and claims.
#[test]
fn section_3_12_use_mutually_exclusive_validation_rules_for_different_kinds_of_jwts() {
    assert_eq!(rs256().refusal(&refresh().token()), Refusal::WrongType);
    let retyped = refresh().with_header("typ", json!("at+jwt"));
    assert_eq!(rs256().refusal(&retyped), Refusal::UnknownKey(refresh().kid.clone()));

    // A token with the claims of a refresh token is refused, even if it has an access key's signature.
    let own = access(Algorithm::HS256).sealed(|_, claims| {
        claims.remove("role");
        claims.insert("gen".to_owned(), json!(1));
    });
    assert_eq!(access(Algorithm::HS256).refusal(&own), Refusal::MalformedOwnClaims);
    // The keys of refresh tokens are never published.
    assert!(refresh().keys.jwks().is_empty());
    assert!(verify(&refresh().verifier, &refresh().token(), NOW).is_ok());
}
