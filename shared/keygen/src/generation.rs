//! Making a key, and the key sets of a new deployment.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use claims::{Access, Algorithm, InvalidKey, KeyEntry, KeyId, KeySetDocument, SigningKey, Timestamp, TokenKind};
use rand::CryptoRng;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use rsa::{PrivateKey as RsaPrivateKey, pkcs8::EncodePrivateKey as _};
use zeroize::Zeroizing;

/// The size of a new RSA modulus in bits: the minimum of RFC 7518 s3.3, with which signing is fastest.
const RSA_BITS: usize = 2048;
/// The bytes before the 32 bytes of an Ed25519 private key in PKCS#8 (RFC 8410 s7).
const ED25519_PREFIX: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// Why a key cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyGenerationError {
    /// Tokens of this kind are not signed with this algorithm.
    #[error("cannot make a key: {typ} tokens are not signed with {algorithm:?}")]
    Algorithm {
        /// The algorithm.
        algorithm: Algorithm,
        /// The kind of token.
        typ: &'static str,
    },
    /// A cryptographic crate failed to make the key.
    #[error("cannot make a key: {0}")]
    Failed(String),
    /// The new key is not one that key sets accept.
    #[error("cannot make a key: {0}")]
    Invalid(#[from] InvalidKey),
}

/// Makes a key that signs tokens of kind `K` from `activates_at` on.
///
/// The `kid` of an RS256, ES256 or `EdDSA` key is its RFC 7638 thumbprint. The `kid` of an HS256 key is random, because
/// a thumbprint would reveal a hash of the secret. ES256 keys are made from the system's random numbers and not from
/// `rng`, because `ring` accepts no other source.
///
/// # Errors
/// If tokens of this kind are not signed with this algorithm, or no key can be made.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "an algorithm that is new to the list is not one of any kind of token"
)]
pub fn key<K: TokenKind>(
    algorithm: Algorithm,
    activates_at: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeyEntry, KeyGenerationError> {
    let refused = || KeyGenerationError::Algorithm { algorithm, typ: K::TYP };
    if !K::ALGORITHMS.contains(&algorithm) {
        return Err(refused());
    }
    match algorithm {
        Algorithm::RS256 => asymmetric("RS256", activates_at, &rsa(rng)?, SigningKey::rs256),
        Algorithm::ES256 => asymmetric("ES256", activates_at, &p256()?, SigningKey::es256),
        Algorithm::EdDSA => asymmetric("EdDSA", activates_at, &ed25519(rng), SigningKey::eddsa),
        Algorithm::HS256 => Ok(symmetric(activates_at, rng)),
        _ => Err(refused()),
    }
}

/// Makes the access key set of a new deployment as JSON: one key for `algorithm`, which signs from `activates_at` on.
///
/// # Errors
/// The same as [`key`].
pub fn access_key_set(
    algorithm: Algorithm,
    activates_at: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, KeyGenerationError> {
    let first = key::<Access>(algorithm, activates_at, rng)?;
    Ok(KeySetDocument::of(vec![first]).to_json())
}

/// Makes the refresh key set of a new deployment as JSON: one HS256 key, which signs from `activates_at` on.
pub fn refresh_key_set(activates_at: Timestamp, rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let first = symmetric(activates_at, rng);
    KeySetDocument::of(vec![first]).to_json()
}

fn rsa(rng: &mut impl CryptoRng) -> Result<Zeroizing<Vec<u8>>, KeyGenerationError> {
    let failed = |error: &dyn std::fmt::Display| KeyGenerationError::Failed(error.to_string());
    let key = RsaPrivateKey::new(rng, RSA_BITS).map_err(|error| failed(&error))?;
    let pkcs8 = key.to_pkcs8_der().map_err(|error| failed(&error))?;
    Ok(Zeroizing::new(pkcs8.as_bytes().to_vec()))
}

fn p256() -> Result<Zeroizing<Vec<u8>>, KeyGenerationError> {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|error| KeyGenerationError::Failed(error.to_string()))?;
    Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
}

fn ed25519(rng: &mut impl CryptoRng) -> Zeroizing<Vec<u8>> {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(seed.as_mut());
    Zeroizing::new([ED25519_PREFIX.as_slice(), seed.as_slice()].concat())
}

fn asymmetric(
    alg: &str,
    activates_at: Timestamp,
    pkcs8: &[u8],
    parse: impl FnOnce(&str) -> Result<SigningKey, InvalidKey>,
) -> Result<KeyEntry, KeyGenerationError> {
    let pkcs8 = Zeroizing::new(STANDARD.encode(pkcs8));
    let kid = parse(&pkcs8)?.thumbprint().cloned();
    let kid = kid.ok_or_else(|| KeyGenerationError::Failed("the key has no thumbprint".to_owned()))?;
    Ok(KeyEntry::new_private(kid, alg, activates_at, pkcs8))
}

/// Makes the pseudonym key of a new deployment: 256 random bits in base64url.
#[must_use]
pub fn pseudonym_key(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    random_secret(rng)
}

/// Makes a key that seals addresses or seeds, as the JSON that `auth::sealing` reads: 256 random bits in base64url.
#[must_use]
pub fn sealing_key(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    Zeroizing::new(format!(r#"{{"current":"{}"}}"#, *random_secret(rng)))
}

fn random_secret(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut secret = Zeroizing::new([0; 32]);
    rng.fill_bytes(secret.as_mut());
    Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice()))
}

fn symmetric(activates_at: Timestamp, rng: &mut impl CryptoRng) -> KeyEntry {
    let mut kid = [0; 16];
    rng.fill_bytes(&mut kid);
    KeyEntry::new_secret(KeyId::from_entropy(kid), activates_at, random_secret(rng))
}

#[cfg(test)]
mod tests {
    use claims::{KeySet, Refresh};
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);

    const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];

    #[test]
    fn what_is_made_is_what_the_key_sets_read() {
        let mut rng = StdRng::seed_from_u64(1);

        for algorithm in ALGORITHMS {
            let access = access_key_set(algorithm, NOW, &mut rng).unwrap();

            let keys = KeySet::<Access>::from_json(&access).unwrap();
            assert_eq!(keys.ready(NOW), Ok(()), "{algorithm:?}");
            assert!(access.contains(&format!(r#""alg":"{algorithm:?}""#)));
        }
        assert!(KeySet::<Refresh>::from_json(&refresh_key_set(NOW, &mut rng)).is_ok());
    }

    #[test]
    fn no_key_is_made_for_an_algorithm_that_no_token_has() {
        let error = access_key_set(Algorithm::PS256, NOW, &mut StdRng::seed_from_u64(1)).unwrap_err();

        assert_eq!(
            error.to_string(),
            "cannot make a key: at+jwt tokens are not signed with PS256"
        );
    }

    #[test]
    fn two_keys_are_never_the_same() {
        let mut rng = StdRng::seed_from_u64(1);

        for algorithm in ALGORITHMS {
            let [one, other] = [(); 2].map(|()| access_key_set(algorithm, NOW, &mut rng).unwrap());

            assert_ne!(one, other, "{algorithm:?}");
        }
        assert_ne!(refresh_key_set(NOW, &mut rng), refresh_key_set(NOW, &mut rng));
    }

    #[test]
    fn the_kid_of_a_public_key_is_its_thumbprint_and_that_of_a_secret_random() {
        let kid = |algorithm, seed| {
            let json = access_key_set(algorithm, NOW, &mut StdRng::seed_from_u64(seed)).unwrap();
            let set: serde_json::Value = serde_json::from_str(&json).unwrap();
            set["keys"][0]["kid"].as_str().unwrap().to_owned()
        };

        assert_eq!(kid(Algorithm::EdDSA, 1).len(), 43);
        assert_eq!(kid(Algorithm::EdDSA, 1), kid(Algorithm::EdDSA, 1));
        assert_eq!(kid(Algorithm::HS256, 1).len(), 22);
    }
}
