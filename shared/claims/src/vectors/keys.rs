//! Parsing the keys of test vectors, where possible in the way in which a service parses its keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{Access, Jwks, KeySet, Verifier, VerifyingKey, VerifyingKeys};

/// Parses a JWK as a verifying key. The strength of HMAC secrets is not checked, since one of Wycheproof's secrets is
/// all zeros.
pub(super) fn signature_key(jwk: &Value) -> Result<VerifyingKey, String> {
    let member = |name: &str| jwk[name].as_str().unwrap_or_default();
    if jwk["kty"] == "oct" && jwk["alg"] == "HS256" {
        return Ok(VerifyingKey::hs256_of_any_secret(
            &URL_SAFE_NO_PAD.decode(member("k")).unwrap(),
        ));
    }
    access_keys(&[jwk])?;
    match member("kty") {
        "RSA" => VerifyingKey::rs256(member("n"), member("e")),
        "EC" => VerifyingKey::es256(member("x"), member("y")),
        _ => VerifyingKey::eddsa(member("x")),
    }
    .map_err(|fault| fault.to_string())
}

/// Makes verifying keys as a service does: secrets come from a key set, and public keys from a JWK set.
pub(super) fn access_keys(jwks: &[&Value]) -> Result<VerifyingKeys<Access>, String> {
    if jwks.iter().all(|jwk| jwk["kty"] == "oct") {
        let keys = (1..).zip(jwks).map(|(position, jwk)| {
            let mut key = json!({"kid": kid(jwk), "alg": jwk["alg"], "k": jwk["k"], "activates_at": position});
            // Every key but the last needs a time at which it retires.
            key["retires_at"] = json!((position < jwks.len()).then_some(9_999_999_999_u64));
            key
        });
        let set = KeySet::<Access>::from_json(&json!({ "keys": keys.collect::<Vec<_>>() }).to_string());
        return set.map(|set| set.verifying_keys()).map_err(|fault| fault.to_string());
    }
    let keys = jwks.iter().map(|jwk| {
        let mut key = (*jwk).clone();
        key["kid"] = kid(jwk);
        key
    });
    let set = Jwks::from_json(&json!({ "keys": keys.collect::<Vec<_>>() }).to_string());
    set.and_then(|set| set.verifying_keys())
        .map_err(|fault| fault.to_string())
}

fn kid(jwk: &Value) -> Value {
    if jwk["kid"].is_null() {
        json!("unnamed")
    } else {
        jwk["kid"].clone()
    }
}

/// Makes a verifier with this key, or without any key if the key is refused.
pub(super) fn verifier(jwk: &Value) -> Verifier<Access> {
    let none = || VerifyingKeys::new(std::iter::empty());
    let (issuer, audience) = ("joe".parse().unwrap(), "dashboard".parse().unwrap());
    Verifier::access(issuer, audience, access_keys(&[jwk]).unwrap_or_else(|_| none()))
}

/// Returns whether the algorithm of a key is supported.
pub(super) fn is_offered(jwk: &Value) -> bool {
    ["RS256", "ES256", "EdDSA", "HS256"]
        .iter()
        .any(|algorithm| jwk["alg"] == *algorithm)
}
