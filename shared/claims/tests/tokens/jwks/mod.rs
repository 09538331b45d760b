//! The public key set: which keys are accepted, and the error for each invalid one.

mod keys;

use claims::{Algorithm, InvalidJwks, Jwks, Refusal, Verifier};
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::harness::{NOW, access, audience, issuer, rs256, verify};

const PUBLIC: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

#[test]
fn a_published_key_names_its_use() {
    for (algorithm, expected) in PUBLIC.into_iter().zip([
        json!({"kty": "RSA", "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-256"}),
        json!({"kty": "OKP", "crv": "Ed25519"}),
    ]) {
        let jwk = jwk(algorithm);

        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&jwk[name], value);
        }
        assert_eq!(jwk["alg"], json!(format!("{algorithm:?}")));
        assert_eq!(
            (&jwk["use"], &jwk["kid"]),
            (&json!("sig"), &json!(access(algorithm).kid))
        );
    }
}

#[test]
fn what_is_published_is_what_is_read() {
    for algorithm in PUBLIC {
        let jwks = access(algorithm).keys.jwks();

        assert_eq!(Jwks::from_json(&serde_json::to_string(&jwks).unwrap()), Ok(jwks));
    }
}

#[test]
fn a_set_without_keys_is_valid() {
    let jwks = Jwks::from_json(r#"{"keys":[]}"#).unwrap();

    assert!(jwks.is_empty());
    assert_eq!(jwks.to_json(), r#"{"keys":[]}"#);
}

#[test]
fn a_retiring_key_is_accepted_until_its_time() {
    for algorithm in PUBLIC {
        let service = access(algorithm);
        let mut retiring = jwk(algorithm);
        retiring.insert("exp".to_owned(), json!(NOW.get()));
        let jwks = read(&[retiring]).unwrap();
        let verifier = Verifier::access(issuer(), audience(), jwks.verifying_keys().unwrap());
        let before = claims::Timestamp::new(NOW.get() - 1);

        assert!(verify(&verifier, &service.token(), before).is_ok(), "{algorithm:?}");
        let refusal = verify(&verifier, &service.token(), NOW).unwrap_err();
        assert_eq!(refusal, Refusal::UnknownKey(service.kid.clone()));
        assert_eq!(jwks.keys_at(before), jwks);
        assert!(jwks.keys_at(NOW).is_empty());
        assert_eq!(Jwks::from_json(&jwks.to_json()), Ok(jwks));
    }
}

#[rstest]
#[case::text(json!("1700000000"))]
#[case::negative(json!(-1))]
#[case::fraction(json!(1.5))]
fn a_key_whose_end_is_no_date_is_refused(#[case] exp: Value) {
    let mut jwk = jwk(Algorithm::ES256);
    jwk.insert("exp".to_owned(), exp);

    assert!(read(&[jwk]).is_err());
}

#[rstest]
#[case::no_json("", "not a JWK set: malformed at line 1, column 0")]
#[case::no_object("[]", "not a JWK set: malformed at line 1, column 0")]
#[case::no_keys("{}", "not a JWK set: malformed at line 1, column 2")]
#[case::no_key(r#"{"keys":[1]}"#, "not a JWK set: malformed at line 1, column 10")]
#[case::named_twice(r#"{"keys":[],"keys":[]}"#, "not a JWK set: malformed at line 1, column 21")]
#[case::no_kid(
    r#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQ"}]}"#,
    "key number 1: its kid is missing or not a valid key id"
)]
#[case::bad_kid(
    r#"{"keys":[{"kid":"a b","kty":"RSA","n":"AQ","e":"AQ"}]}"#,
    "key number 1: its kid is missing or not a valid key id"
)]
fn an_invalid_key_set_is_refused(#[case] json: &str, #[case] fault: &str) {
    assert_eq!(Jwks::from_json(json).unwrap_err().to_string(), fault);
}

#[test]
fn two_keys_of_one_name_are_refused() {
    let (one, mut other) = (jwk(Algorithm::RS256), jwk(Algorithm::ES256));
    assert!(read(&[one.clone(), other.clone()]).is_ok());
    other.insert("kid".to_owned(), one["kid"].clone());

    let kid = rs256().kid.clone();

    assert_eq!(read(&[one, other]), Err(InvalidJwks::Duplicate { kid }));
}

/// If a member is repeated, one parser may use its first value and another parser its last.
#[test]
fn a_key_that_names_a_member_twice_is_refused() {
    let jwk = Value::Object(jwk(Algorithm::RS256)).to_string();
    let twice = jwk.replacen('{', r#"{"\u006e":"AQ","#, 1);

    let error = Jwks::from_json(&format!(r#"{{"keys":[{twice}]}}"#)).unwrap_err();

    assert!(matches!(error, InvalidJwks::Malformed { .. }), "{error}");
}

fn jwk(algorithm: Algorithm) -> Map<String, Value> {
    let jwks = serde_json::to_value(access(algorithm).keys.jwks()).unwrap();
    jwks["keys"][0].as_object().unwrap().clone()
}

fn read(keys: &[Map<String, Value>]) -> Result<Jwks, InvalidJwks> {
    Jwks::from_json(&json!({ "keys": keys }).to_string())
}
