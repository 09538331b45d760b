//! Single keys. Each is parsed once and then used for many tokens, with exactly one algorithm (RFC 8725 s3.1).

mod ecdsa;
mod ed25519;
mod hmac;
mod p256;
mod rsa;
mod verifying;

use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm,
    crypto::{JwtSigner, JwtVerifier},
    jwk::{AlgorithmParameters, CommonParameters, Jwk, PublicKeyUse},
};
use ring::digest;
use zeroize::Zeroizing;

pub use self::verifying::VerifyingKey;
use self::{ecdsa::EcdsaPrivate, ed25519::Ed25519Private, hmac::Hmac, rsa::RsaPrivate};
use crate::{KeyId, SignError};

/// Why a key cannot be used. The error reveals nothing about the key's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// The string is not base64 (standard alphabet for PKCS#8, URL alphabet for secrets and JWK).
    #[error("its key material is not base64")]
    NotBase64,
    /// The secret has fewer than 32 bytes.
    #[error("its secret is shorter than 32 bytes")]
    ShortSecret,
    /// The secret has few different bytes, repeats a sequence, or counts up or down in equal steps.
    #[error("its secret is predictable")]
    PredictableSecret,
    /// The secret is published in a standard or a manual.
    #[error("its secret is a published example")]
    PublishedSecret,
    /// The private key is not an RSA key in PKCS#8, is inconsistent, or has a wrong size or exponent.
    #[error("its private key is not a valid PKCS#8 RSA key of 2048 to 4096 bits with an exponent of at least 65537")]
    InvalidRsa,
    /// The private key is not a P-256 key in PKCS#8 with its public half, or its halves do not match.
    #[error("its private key is not a valid PKCS#8 P-256 key with its public half")]
    InvalidP256,
    /// The private key is not an Ed25519 key in PKCS#8, or its halves do not match.
    #[error("its private key is not a valid PKCS#8 Ed25519 key")]
    InvalidEd25519,
    /// The public key is malformed, or has a wrong size or exponent.
    #[error("its public key is not an RSA key of 2048 to 4096 bits with an exponent of at least 65537")]
    InvalidPublicRsa,
    /// The public key was made by hardware whose RSA keys can be factored (CVE-2017-15361).
    #[error("its public key can be factored (ROCA)")]
    FactorableRsa,
    /// The public key does not consist of two coordinates of 32 bytes, or is not on the curve.
    #[error("its public key is not a point of P-256")]
    InvalidPublicP256,
    /// The public key is not 32 bytes long.
    #[error("its public key is not an Ed25519 key")]
    InvalidPublicEd25519,
}

/// A signing key, with the key that verifies its signatures.
pub struct SigningKey {
    signer: Box<dyn JwtSigner + Send + Sync>,
    verifying: VerifyingKey,
    published: Option<Published>,
}

/// The public half of a key, as it is published.
struct Published {
    jwk: Jwk,
    thumbprint: Option<KeyId>,
}

impl SigningKey {
    /// Parses an RS256 key from a base64 PKCS#8 private key.
    ///
    /// # Errors
    /// If the key is not base64, not PKCS#8, smaller than 2048 bits or larger than 4096, has an exponent below 65537,
    /// or can be factored (ROCA).
    pub fn rs256(pkcs8: &str) -> Result<Self, InvalidKey> {
        let private = RsaPrivate::from_pkcs8(&decode_der(pkcs8)?)?;
        let public = private.public_key()?;
        Ok(Self::from_key_pair(private, public))
    }

    /// Parses an ES256 key from a base64 PKCS#8 private key that contains its public half.
    ///
    /// # Errors
    /// If the key is not base64, not PKCS#8 or not on P-256, or if its halves do not match.
    pub fn es256(pkcs8: &str) -> Result<Self, InvalidKey> {
        let private = EcdsaPrivate::from_pkcs8(&decode_der(pkcs8)?)?;
        let public = private.public_key();
        Ok(Self::from_key_pair(private, public))
    }

    /// Parses an `EdDSA` key from a base64 PKCS#8 private key.
    ///
    /// # Errors
    /// If the key is not base64, not PKCS#8 or not Ed25519, or if its halves do not match.
    pub fn eddsa(pkcs8: &str) -> Result<Self, InvalidKey> {
        let private = Ed25519Private::from_pkcs8(&decode_der(pkcs8)?)?;
        let public = private.public_key();
        Ok(Self::from_key_pair(private, public))
    }

    /// Parses an HS256 key from a base64url secret of at least 32 bytes.
    ///
    /// # Errors
    /// If the secret is not base64url, is too short, is predictable, or is a published example.
    pub fn hs256(secret: &str) -> Result<Self, InvalidKey> {
        let key = Hmac::from_base64(secret)?;
        Ok(Self {
            signer: Box::new(key.clone()),
            verifying: VerifyingKey::new(key),
            published: None,
        })
    }

    fn from_key_pair(private: impl JwtSigner + Send + Sync + 'static, public: impl PublicKey + 'static) -> Self {
        let published = Published {
            jwk: Jwk {
                common: CommonParameters {
                    public_key_use: Some(PublicKeyUse::Signature),
                    key_algorithm: Some(public.algorithm().into()),
                    ..CommonParameters::default()
                },
                algorithm: public.parameters(),
            },
            thumbprint: thumbprint(&public),
        };
        Self {
            signer: Box::new(private),
            verifying: VerifyingKey::new(public),
            published: Some(published),
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    /// Returns the signature over `input`.
    ///
    /// # Errors
    /// If the key cannot sign.
    pub fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer.try_sign(input).map_err(|_| SignError::Refused)
    }

    /// Returns the thumbprint of the public half (RFC 7638), which serves as the key's `kid`. Returns `None` for an
    /// HMAC key: it has no public half, and a thumbprint of the secret would reveal a hash of the secret.
    #[must_use]
    pub fn thumbprint(&self) -> Option<&KeyId> {
        self.published.as_ref()?.thumbprint.as_ref()
    }

    /// Returns the public half as a JWK without `kid`, or `None` for an HMAC key.
    pub(crate) fn jwk(&self) -> Option<&Jwk> {
        self.published.as_ref().map(|published| &published.jwk)
    }

    pub(crate) const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({:?})", self.algorithm())
    }
}

/// A public key, which is published as a JWK and identified by its thumbprint.
trait PublicKey: JwtVerifier + Send + Sync {
    /// Returns the members of the JWK that depend on the type of key.
    fn parameters(&self) -> AlgorithmParameters;

    /// Returns the JSON of the required members, in lexical order and without white space, for the thumbprint (RFC 7638
    /// s3.2).
    fn required_members(&self) -> String;
}

fn thumbprint(public: &impl PublicKey) -> Option<KeyId> {
    let hash = digest::digest(&digest::SHA256, public.required_members().as_bytes());
    KeyId::parse(URL_SAFE_NO_PAD.encode(hash)).ok()
}

fn decode_der(base64: &str) -> Result<Zeroizing<Vec<u8>>, InvalidKey> {
    STANDARD
        .decode(base64)
        .map(Zeroizing::new)
        .map_err(|_| InvalidKey::NotBase64)
}

fn decode_bytes(base64url: &str) -> Result<Vec<u8>, InvalidKey> {
    URL_SAFE_NO_PAD.decode(base64url).map_err(|_| InvalidKey::NotBase64)
}

#[cfg(test)]
mod tests {
    use super::{rsa::RsaPublic, *};

    /// This is the example of RFC 7638 s3.1.
    #[test]
    fn the_thumbprint_of_an_rsa_key_is_that_of_the_rfc() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZ\
                       CiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgn\
                       Yb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0\
                       Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = RsaPublic::from_components(decode_bytes(modulus).unwrap(), decode_bytes("AQAB").unwrap()).unwrap();

        assert_eq!(
            thumbprint(&key).unwrap().as_str(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    /// This is the example of RFC 8037 A.1 to A.3. Its private key is in PKCS#8, as OpenSSL writes it.
    #[test]
    fn the_thumbprint_of_an_ed25519_key_is_that_of_the_rfc() {
        let key = SigningKey::eddsa("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g").unwrap();

        assert_eq!(
            key.thumbprint().unwrap().as_str(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    /// This is the key of RFC 7515 A.3. Another program computed the expected thumbprint.
    #[test]
    fn the_thumbprint_of_a_p_256_key_is_that_of_others() {
        let key = SigningKey::es256(
            "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIffH1136cspYG6+0iY7X1fCE9+E9LKhRANC\
             AAR/zc4ncPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
        )
        .unwrap();

        assert_eq!(
            key.thumbprint().unwrap().as_str(),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
        );
    }
}
