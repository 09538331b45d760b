//! How keys are made: for the rotation function and the tools, never in a request path.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use claims::Timestamp;
use rand::CryptoRng;
use ring::digest;
use rsa::{PrivateKey as RsaPrivateKey, pkcs8::EncodePrivateKey as _, traits::PublicKeyParts as _};
use serde::Serialize;
use zeroize::Zeroizing;

/// The size of a new RSA modulus in bits: the least that RFC 7518 s3.3 allows, and the fastest.
const RSA_BITS: usize = 2048;

/// The crate that makes RSA keys could not.
#[derive(Debug, thiserror::Error)]
#[error("cannot make an RSA key: {0}")]
pub struct KeyGenerationError(String);

/// A new access key set as JSON: one RS256 key, active from `activates_at`, its `kid` the RFC 7638 thumbprint.
///
/// # Errors
/// When no RSA key can be made.
pub fn access_key_set(
    activates_at: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, KeyGenerationError> {
    let failed = |error: &dyn std::fmt::Display| KeyGenerationError(error.to_string());
    let key = RsaPrivateKey::new(rng, RSA_BITS).map_err(|error| failed(&error))?;
    let pkcs8 = key.to_pkcs8_der().map_err(|error| failed(&error))?;
    let modulus = URL_SAFE_NO_PAD.encode(key.n().to_be_bytes_trimmed_vartime());
    let exponent = URL_SAFE_NO_PAD.encode(key.e().to_be_bytes_trimmed_vartime());
    Ok(document(&Key {
        kid: &thumbprint(&modulus, &exponent),
        alg: "RS256",
        activates_at,
        pkcs8: Some(&Zeroizing::new(STANDARD.encode(pkcs8.as_bytes()))),
        k: None,
    }))
}

/// A new refresh key set as JSON: one HS256 key of 32 random bytes, active from `activates_at`, with a random `kid`,
/// since a thumbprint would give away a hash of the secret.
pub fn refresh_key_set(activates_at: Timestamp, rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut kid = [0; 16];
    rng.fill_bytes(&mut kid);
    let mut secret = Zeroizing::new([0; 32]);
    rng.fill_bytes(secret.as_mut());
    document(&Key {
        kid: &URL_SAFE_NO_PAD.encode(kid),
        alg: "HS256",
        activates_at,
        pkcs8: None,
        k: Some(&Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice()))),
    })
}

#[derive(Serialize)]
struct KeySet<'a> {
    keys: [&'a Key<'a>; 1],
}

#[derive(Serialize)]
struct Key<'a> {
    kid: &'a str,
    alg: &'a str,
    activates_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pkcs8: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<&'a str>,
}

fn document(key: &Key<'_>) -> Zeroizing<String> {
    let json = serde_json::to_string(&KeySet { keys: [key] });
    Zeroizing::new(json.unwrap_or_default())
}

/// The RFC 7638 thumbprint: SHA-256 over the required members in lexical order.
fn thumbprint(modulus: &str, exponent: &str) -> String {
    let canonical = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use claims::{Access, KeySet, Refresh};
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);

    #[test]
    fn what_is_made_is_what_the_key_sets_read() {
        let mut rng = StdRng::seed_from_u64(1);

        let access = access_key_set(NOW, &mut rng).unwrap();
        let refresh = refresh_key_set(NOW, &mut rng);

        assert!(KeySet::<Access>::from_json(&access).is_ok());
        assert!(KeySet::<Refresh>::from_json(&refresh).is_ok());
    }

    #[test]
    fn two_keys_are_never_the_same() {
        let mut rng = StdRng::seed_from_u64(1);

        assert_ne!(refresh_key_set(NOW, &mut rng), refresh_key_set(NOW, &mut rng));
    }

    /// The example of RFC 7638 s3.1.
    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZ\
                       CiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgn\
                       Yb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0\
                       Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

        assert_eq!(
            thumbprint(modulus, "AQAB"),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }
}
