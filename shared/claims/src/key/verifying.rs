//! Keys that verify signatures.

use std::{fmt, sync::Arc};

use jsonwebtoken::{Algorithm, crypto::JwtVerifier};

use super::{InvalidKey, decode_bytes, ecdsa::EcdsaPublic, ed25519::Ed25519Public, rsa::RsaPublic};

/// A key that verifies signatures. A clone shares the parsed key.
#[derive(Clone)]
pub struct VerifyingKey {
    verifier: Arc<dyn JwtVerifier + Send + Sync>,
}

impl VerifyingKey {
    /// Parses an RS256 key from a JWK's base64url modulus and exponent (RFC 7518 s6.3.1).
    ///
    /// # Errors
    /// If `modulus` or `exponent` is not base64url, is even or has leading zero bytes; if the modulus has fewer than
    /// 2048 bits or more than 4096; if the exponent is below 65537 or longer than 4 bytes; or if the key can be
    /// factored (ROCA).
    pub fn rs256(modulus: &str, exponent: &str) -> Result<Self, InvalidKey> {
        RsaPublic::from_components(decode_bytes(modulus)?, decode_bytes(exponent)?).map(Self::new)
    }

    /// Parses an ES256 key from a JWK's base64url coordinates on P-256 (RFC 7518 s6.2.1).
    ///
    /// # Errors
    /// If `x` or `y` is not base64url or not 32 bytes long, or the point is not on the curve.
    pub fn es256(x: &str, y: &str) -> Result<Self, InvalidKey> {
        EcdsaPublic::from_coordinates(&decode_bytes(x)?, &decode_bytes(y)?).map(Self::new)
    }

    /// Parses an `EdDSA` key from a JWK's base64url Ed25519 public key (RFC 8037 s2).
    ///
    /// # Errors
    /// If `x` is not base64url or not 32 bytes long. Bytes that are not a point of the curve are accepted, but no
    /// signature verifies with them.
    pub fn eddsa(x: &str) -> Result<Self, InvalidKey> {
        Ed25519Public::from_bytes(decode_bytes(x)?).map(Self::new)
    }

    pub(super) fn new(verifier: impl JwtVerifier + Send + Sync + 'static) -> Self {
        Self {
            verifier: Arc::new(verifier),
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.verifier.algorithm()
    }

    pub(crate) fn verify(&self, signed: &[u8], signature: &Vec<u8>) -> bool {
        self.verifier.verify(signed, signature).is_ok()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKey({:?})", self.algorithm())
    }
}
