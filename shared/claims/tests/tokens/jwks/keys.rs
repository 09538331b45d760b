//! Single keys of a public key set: which are accepted, which are ignored, and which are errors.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Algorithm, InvalidJwks, Refusal, Verifier, VerifyingKey};
use rstest::rstest;
use serde_json::{Value, json};

use super::{PUBLIC, jwk, read};
use crate::harness::{NOW, access, audience, issuer, rs256, verify};

#[rstest]
#[case::bare(&[], &["use", "alg"])]
#[case::verifying(&[("key_ops", json!(["verify"]))], &[])]
#[case::unknown_member(&[("color", json!("red"))], &[])]
fn a_good_key_is_taken(#[case] added: &[(&str, Value)], #[case] removed: &[&str]) {
    for algorithm in PUBLIC {
        let mut jwk = jwk(algorithm);
        jwk.retain(|name, _| !removed.contains(&name.as_str()));
        jwk.extend(added.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));

        assert!(read(&[jwk]).is_ok(), "{algorithm:?}");
    }
}

/// A reader ignores keys that it does not understand (RFC 7517 s5).
#[rstest]
#[case::encryption("use", json!("enc"))]
#[case::use_in_capitals("use", json!("SIG"))]
#[case::unknown_use("use", json!("attestation"))]
#[case::signing("key_ops", json!(["sign"]))]
#[case::nothing("key_ops", json!([]))]
#[case::other_algorithm("alg", json!("RS512"))]
#[case::pss("alg", json!("PS256"))]
#[case::hmac("alg", json!("HS256"))]
#[case::unknown_algorithm("alg", json!("ML-DSA-44"))]
#[case::unknown_type("kty", json!("AKP"))]
#[case::type_in_lower_case("kty", json!("rsa"))]
fn an_unknown_key_is_passed_over_beside_a_known_one(#[case] name: &str, #[case] value: Value) {
    for algorithm in PUBLIC {
        let mut unknown = jwk(algorithm);
        unknown.insert("kid".to_owned(), json!("newer"));
        unknown.insert(name.to_owned(), value.clone());
        let known = read(&[jwk(algorithm)]).unwrap();

        assert_eq!(read(&[unknown.clone(), jwk(algorithm)]), Ok(known.clone()));
        assert_eq!(read(&[jwk(algorithm), unknown.clone()]), Ok(known));
        assert_eq!(read(&[unknown.clone()]), Err(InvalidJwks::NoneKnown { count: 1 }));
        assert_eq!(
            read(&[unknown.clone(), unknown]).unwrap_err().to_string(),
            "none of its 2 keys is an RS256, ES256 or EdDSA key for verifying signatures"
        );
    }
}

#[rstest]
#[case::other_curve(Algorithm::ES256, "P-384")]
#[case::bitcoin_curve(Algorithm::ES256, "secp256k1")]
#[case::ed448(Algorithm::EdDSA, "Ed448")]
#[case::p256_as_okp(Algorithm::EdDSA, "P-256")]
#[case::newer_curve(Algorithm::EdDSA, "Ed999")]
fn a_key_of_an_unknown_curve_is_passed_over(#[case] algorithm: Algorithm, #[case] curve: &str) {
    let mut unknown = jwk(algorithm);
    unknown.insert("crv".to_owned(), json!(curve));

    assert_eq!(read(&[unknown, jwk(Algorithm::RS256)]), read(&[jwk(Algorithm::RS256)]));
}

/// A newer kind of key may have any members, and its `kid` may be missing, invalid or that of another key.
#[rstest]
#[case::post_quantum(json!({"kty": "AKP", "kid": "new", "alg": "ML-DSA-44", "pub": "AA", "x5c": 1, "exp": "soon"}))]
#[case::no_kid(json!({"kty": "AKP"}))]
#[case::odd_kid(json!({"kty": "AKP", "kid": "a b"}))]
#[case::same_kid(json!({"kty": "AKP", "kid": rs256().kid.as_str()}))]
#[case::members_with_other_meanings(json!({"kty": "DSA", "p": "AA", "q": "AA", "d": "AA", "use": 1, "crv": []}))]
fn a_key_of_a_newer_type_may_be_of_any_form(#[case] unknown: Value) {
    let known = jwk(Algorithm::RS256);

    assert_eq!(
        read(&[unknown.as_object().unwrap().clone(), known.clone()]),
        read(&[known])
    );
}

#[rstest]
#[case::kty(json!(null), "key number 1: its kty is missing or not a string")]
#[case::kty_number(json!(1), "key number 1: its kty is missing or not a string")]
fn a_key_without_a_type_is_refused(#[case] kty: Value, #[case] fault: &str) {
    let mut jwk = jwk(Algorithm::RS256);
    jwk.insert("kty".to_owned(), kty);

    assert_eq!(read(&[jwk]).unwrap_err().to_string(), fault);
}

#[rstest]
#[case::usage("use", json!(1), INCOMPLETE)]
#[case::operations("key_ops", json!("verify"), INCOMPLETE)]
#[case::algorithm("alg", json!(["RS256"]), INCOMPLETE)]
#[case::symmetric_type("kty", json!("oct"), SECRET)]
#[case::private("d", json!("AQ"), SECRET)]
#[case::prime("p", json!("AQ"), SECRET)]
#[case::prime_q("q", json!("AQ"), SECRET)]
#[case::exponent_dp("dp", json!("AQ"), SECRET)]
#[case::exponent_dq("dq", json!("AQ"), SECRET)]
#[case::coefficient("qi", json!("AQ"), SECRET)]
#[case::primes("oth", json!([]), SECRET)]
#[case::symmetric("k", json!("AQ"), SECRET)]
fn a_secret_or_odd_key_is_refused(#[case] name: &str, #[case] value: Value, #[case] fault: &str) {
    for algorithm in PUBLIC {
        let mut jwk = jwk(algorithm);
        jwk.insert(name.to_owned(), value.clone());

        assert_eq!(
            read(&[jwk]).unwrap_err().to_string(),
            format!("key {}: {fault}", access(algorithm).kid)
        );
    }
}

#[rstest]
#[case::short_modulus(Algorithm::RS256, "n", json!(modulus(255, 0xff, 1)), RSA)]
#[case::bits_2047(Algorithm::RS256, "n", json!(modulus(256, 0x7f, 1)), RSA)]
#[case::long_modulus(Algorithm::RS256, "n", json!(modulus(513, 0xff, 1)), RSA)]
#[case::even_modulus(Algorithm::RS256, "n", json!(modulus(256, 0xff, 2)), RSA)]
#[case::padded_modulus(Algorithm::RS256, "n", json!(modulus(257, 0, 1)), RSA)]
#[case::no_modulus(Algorithm::RS256, "n", json!(""), RSA)]
#[case::exponent_1(Algorithm::RS256, "e", json!("AQ"), RSA)]
#[case::exponent_3(Algorithm::RS256, "e", json!("Aw"), RSA)]
#[case::exponent_65535(Algorithm::RS256, "e", json!("__8"), RSA)]
#[case::exponent_65536(Algorithm::RS256, "e", json!("AQAA"), RSA)]
#[case::padded_exponent(Algorithm::RS256, "e", json!("AAEAAQ"), RSA)]
#[case::long_exponent(Algorithm::RS256, "e", json!("AQAAAAE"), RSA)]
#[case::standard_base64(Algorithm::RS256, "e", json!("AQAB="), NOT_BASE64)]
#[case::off_the_curve(Algorithm::ES256, "y", json!(URL_SAFE_NO_PAD.encode([1; 32])), P256)]
#[case::at_infinity(Algorithm::ES256, "x", json!(URL_SAFE_NO_PAD.encode([0; 32])), P256)]
#[case::beyond_the_field(Algorithm::ES256, "x", json!(URL_SAFE_NO_PAD.encode([0xff; 32])), P256)]
#[case::short_coordinate(Algorithm::ES256, "x", json!(URL_SAFE_NO_PAD.encode([1; 31])), P256)]
#[case::long_coordinate(Algorithm::ES256, "x", json!(URL_SAFE_NO_PAD.encode([0; 33])), P256)]
#[case::no_coordinate(Algorithm::ES256, "x", json!(""), P256)]
#[case::null_curve(Algorithm::ES256, "crv", json!(null), INCOMPLETE)]
#[case::curve_of_another_type(Algorithm::ES256, "crv", json!(256), INCOMPLETE)]
#[case::short_ed25519(Algorithm::EdDSA, "x", json!(URL_SAFE_NO_PAD.encode([1; 31])), ED25519)]
#[case::long_ed25519(Algorithm::EdDSA, "x", json!(URL_SAFE_NO_PAD.encode([1; 33])), ED25519)]
#[case::number(Algorithm::EdDSA, "x", json!(1), INCOMPLETE)]
fn a_weak_or_malformed_key_is_refused(
    #[case] algorithm: Algorithm,
    #[case] name: &str,
    #[case] value: Value,
    #[case] fault: &str,
) {
    let mut jwk = jwk(algorithm);
    jwk.insert(name.to_owned(), value);

    assert_eq!(
        read(&[jwk]).unwrap_err().to_string(),
        format!("key {}: {fault}", access(algorithm).kid)
    );
}

#[test]
fn keys_of_the_minimum_and_maximum_size_are_accepted() {
    for size in [256, 512] {
        assert!(VerifyingKey::rs256(&modulus(size, 0x80, 1), "AQAB").is_ok(), "{size}");
    }
    assert!(VerifyingKey::rs256(&modulus(257, 1, 1), "AQAB").is_ok());
    assert!(VerifyingKey::rs256(&modulus(256, 0x80, 1), "_____w").is_ok());
}

/// Not every sequence of 32 bytes is a point of the curve. `ring` checks this only when it verifies a signature.
#[test]
fn an_ed25519_key_that_is_no_point_verifies_nothing() {
    let token = access(Algorithm::EdDSA).token();

    for x in [[2; 32], [0xff; 32]] {
        let mut jwk = jwk(Algorithm::EdDSA);
        jwk.insert("x".to_owned(), json!(URL_SAFE_NO_PAD.encode(x)));
        let keys = read(&[jwk]).unwrap().verifying_keys().unwrap();
        let verifier = Verifier::access(issuer(), audience(), keys);

        assert_eq!(verify(&verifier, &token, NOW).unwrap_err(), Refusal::BadSignature);
    }
}

const INCOMPLETE: &str = "a member is missing or of the wrong type";
const SECRET: &str = "it is private or symmetric and must not be here";
const NOT_BASE64: &str = "its key material is not base64";
const RSA: &str = "its public key is not an RSA key of 2048 to 4096 bits with an exponent of at least 65537";
const P256: &str = "its public key is not a point of P-256";
const ED25519: &str = "its public key is not an Ed25519 key";

/// Returns a number of `size` bytes in base64url, with this first byte and this last byte.
fn modulus(size: usize, first: u8, last: u8) -> String {
    let mut bytes = vec![0xa5; size];
    *bytes.first_mut().unwrap() = first;
    *bytes.last_mut().unwrap() = last;
    URL_SAFE_NO_PAD.encode(bytes)
}
