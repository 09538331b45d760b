//! Elliptic-curve keys for ES256: ECDSA on P-256 with SHA-256.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm,
    crypto::{JwtSigner, JwtVerifier},
    jwk::{AlgorithmParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType},
    signature::{Error, Signer, Verifier},
};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
    },
};

use super::{InvalidKey, PublicKey, p256::is_on_curve};

/// The length of a coordinate in bytes (RFC 7518 s6.2.1.2).
const COORDINATE: usize = 32;
/// The first byte of an uncompressed point (SEC 1 s2.3.3).
const UNCOMPRESSED: u8 = 4;

pub(super) struct EcdsaPrivate(EcdsaKeyPair);

impl EcdsaPrivate {
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new())
            .map(Self)
            .map_err(|_| InvalidKey::InvalidP256)
    }

    pub(super) fn public_key(&self) -> EcdsaPublic {
        EcdsaPublic::new(self.0.public_key().as_ref().to_vec())
    }
}

impl Signer<Vec<u8>> for EcdsaPrivate {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        // `ring` draws a random nonce for each signature, and accepts only the system's random numbers.
        self.0
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| Error::new())
    }
}

impl JwtSigner for EcdsaPrivate {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

/// A public key: an uncompressed point of P-256.
pub(super) struct EcdsaPublic(UnparsedPublicKey<Vec<u8>>);

impl EcdsaPublic {
    fn new(point: Vec<u8>) -> Self {
        Self(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point))
    }

    pub(super) fn from_coordinates(x: &[u8], y: &[u8]) -> Result<Self, InvalidKey> {
        let coordinate = |bytes: &[u8]| bytes.try_into().ok();
        coordinate(x)
            .zip(coordinate(y))
            .is_some_and(|(x, y)| is_on_curve(x, y))
            .then(|| Self::new([&[UNCOMPRESSED], x, y].concat()))
            .ok_or(InvalidKey::InvalidPublicP256)
    }

    fn coordinates(&self) -> [String; 2] {
        let (_, point) = self.0.as_ref().split_at(1);
        let (x, y) = point.split_at(COORDINATE);
        [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate))
    }
}

impl Verifier<Vec<u8>> for EcdsaPublic {
    /// Verifies a signature. It must consist of two numbers of 32 bytes each (RFC 7518 s3.4), neither of which is zero.
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        self.0.verify(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for EcdsaPublic {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

impl PublicKey for EcdsaPublic {
    fn parameters(&self) -> AlgorithmParameters {
        let [x, y] = self.coordinates();
        AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
            key_type: EllipticCurveKeyType::EC,
            curve: EllipticCurve::P256,
            x,
            y,
        })
    }

    fn required_members(&self) -> String {
        let [x, y] = self.coordinates();
        format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
    }
}
