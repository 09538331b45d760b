//! Single keys: parsed once, used for every token after.

use std::{fmt, sync::Arc};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm,
    crypto::{JwtSigner, JwtVerifier},
    jwk::{AlgorithmParameters, CommonParameters, Jwk, KeyAlgorithm, PublicKeyUse, RSAKeyParameters, RSAKeyType},
    signature::{Error as SignatureError, Signer, Verifier},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair},
};
use zeroize::Zeroizing;

use crate::SignError;

/// The shortest HMAC secret in bytes (RFC 7518 s3.2: as long as the hash).
const MIN_SECRET: usize = 32;
/// The size of an RSA modulus in bytes: 2048 to 4096 bits.
const RSA_MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// The least public exponent, 65537, big-endian.
const MIN_EXPONENT: &[u8] = &[1, 0, 1];

/// Why a key cannot be used; never says anything about its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// The text is not base64 (standard alphabet for PKCS#8, URL alphabet for secrets and JWK).
    #[error("its key material is not base64")]
    NotBase64,
    /// The secret has fewer than 32 bytes.
    #[error("its secret is shorter than 32 bytes")]
    ShortSecret,
    /// The secret is one byte over and over.
    #[error("its secret is not random")]
    PredictableSecret,
    /// The private key is not PKCS#8, or is inconsistent.
    #[error("its private key is not a valid PKCS#8 RSA key of 2048 to 4096 bits with an exponent of at least 65537")]
    InvalidRsa,
    /// The public key is not one that is accepted.
    #[error("its public key is not an RSA key of 2048 to 4096 bits with an exponent of at least 65537")]
    InvalidPublicRsa,
}

/// A key that signs, with the half that verifies what it signed.
pub struct SigningKey {
    signer: Box<dyn JwtSigner + Send + Sync>,
    verifying: VerifyingKey,
    jwk: Option<Jwk>,
}

impl SigningKey {
    /// An HS256 key of a base64url secret of at least 32 bytes.
    ///
    /// # Errors
    /// When the secret is not base64url, too short, or plainly not random.
    pub fn hs256(secret: &str) -> Result<Self, InvalidKey> {
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).map_err(|_| InvalidKey::NotBase64)?);
        if secret.len() < MIN_SECRET {
            return Err(InvalidKey::ShortSecret);
        }
        if secret.iter().all(|byte| Some(byte) == secret.first()) {
            return Err(InvalidKey::PredictableSecret);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        Ok(Self {
            signer: Box::new(Hmac(key.clone())),
            verifying: VerifyingKey {
                verifier: Arc::new(Hmac(key)),
            },
            jwk: None,
        })
    }

    /// An RS256 key of a base64 PKCS#8 private key.
    ///
    /// # Errors
    /// When it is not base64, not PKCS#8, smaller than 2048 bits or larger than 4096, or has an exponent below 65537.
    pub fn rs256(pkcs8: &str) -> Result<Self, InvalidKey> {
        let der = Zeroizing::new(STANDARD.decode(pkcs8).map_err(|_| InvalidKey::NotBase64)?);
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| InvalidKey::InvalidRsa)?;
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        let jwk = rsa_jwk(&public);
        Ok(Self {
            signer: Box::new(Rsa(pair)),
            verifying: VerifyingKey::rsa(public).map_err(|_| InvalidKey::InvalidRsa)?,
            jwk: Some(jwk),
        })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    /// Signs bytes as they are.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer.try_sign(input).map_err(|_| SignError::Refused)
    }

    /// The public half as a JWK without `kid`; none for an HMAC key, which has no public half.
    pub(crate) const fn jwk(&self) -> Option<&Jwk> {
        self.jwk.as_ref()
    }

    pub(crate) const fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({:?})", self.algorithm())
    }
}

/// A key that verifies. A clone is the same parsed key.
#[derive(Clone)]
pub struct VerifyingKey {
    verifier: Arc<dyn JwtVerifier + Send + Sync>,
}

impl VerifyingKey {
    /// An RS256 key of a JWK's base64url modulus and exponent (RFC 7518 s6.3.1).
    ///
    /// # Errors
    /// When either is not base64url or the key is weaker than 2048 bits or 65537.
    pub fn rs256(modulus: &str, exponent: &str) -> Result<Self, InvalidKey> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidKey::NotBase64);
        Self::rsa(PublicKeyComponents {
            n: decode(modulus)?,
            e: decode(exponent)?,
        })
    }

    fn rsa(public: PublicKeyComponents<Vec<u8>>) -> Result<Self, InvalidKey> {
        let minimal = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let full = public.n.first().is_some_and(|byte| *byte >= 0x80);
        let large_exponent = (public.e.len(), public.e.as_slice()) >= (MIN_EXPONENT.len(), MIN_EXPONENT);
        (RSA_MODULUS.contains(&public.n.len())
            && (full || public.n.len() > *RSA_MODULUS.start())
            && minimal(&public.n)
            && minimal(&public.e)
            && odd(&public.n)
            && odd(&public.e)
            && large_exponent
            && public.e.len() <= 4)
            .then(|| Self {
                verifier: Arc::new(RsaPublic(public)),
            })
            .ok_or(InvalidKey::InvalidPublicRsa)
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

fn rsa_jwk(public: &PublicKeyComponents<Vec<u8>>) -> Jwk {
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::RS256),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: URL_SAFE_NO_PAD.encode(&public.n),
            e: URL_SAFE_NO_PAD.encode(&public.e),
        }),
    }
}

/// HMAC-SHA-256, compared in constant time by `ring`.
struct Hmac(hmac::Key);

impl Signer<Vec<u8>> for Hmac {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl JwtSigner for Hmac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hmac {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        hmac::verify(&self.0, message, signature).map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Hmac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

/// An RSA private key for RSASSA-PKCS1-v1_5 with SHA-256.
struct Rsa(RsaKeyPair);

impl Signer<Vec<u8>> for Rsa {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        // The padding is deterministic (RFC 8017 s8.2); ring wants a source for blinding all the same.
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SignatureError::new())?;
        Ok(signature)
    }
}

impl JwtSigner for Rsa {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

/// An RSA public key for RSASSA-PKCS1-v1_5 with SHA-256.
struct RsaPublic(PublicKeyComponents<Vec<u8>>);

impl Verifier<Vec<u8>> for RsaPublic {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.0
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for RsaPublic {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
