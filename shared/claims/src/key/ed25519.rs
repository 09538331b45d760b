//! Edwards-curve keys for `EdDSA`, all of them Ed25519 (RFC 8037).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm,
    crypto::{JwtSigner, JwtVerifier},
    jwk::{AlgorithmParameters, EllipticCurve, OctetKeyPairParameters, OctetKeyPairType},
    signature::{Error, Signer, Verifier},
};
use ring::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{InvalidKey, PublicKey};

pub(super) struct Ed25519Private(Ed25519KeyPair);

impl Ed25519Private {
    /// Parses keys with and without their public half (RFC 5958, RFC 8410 s7). OpenSSL writes none.
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map(Self)
            .map_err(|_| InvalidKey::InvalidEd25519)
    }

    pub(super) fn public_key(&self) -> Ed25519Public {
        Ed25519Public::new(self.0.public_key().as_ref().to_vec())
    }
}

impl Signer<Vec<u8>> for Ed25519Private {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for Ed25519Private {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

pub(super) struct Ed25519Public(UnparsedPublicKey<Vec<u8>>);

impl Ed25519Public {
    fn new(bytes: Vec<u8>) -> Self {
        Self(UnparsedPublicKey::new(&ED25519, bytes))
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self, InvalidKey> {
        (bytes.len() == ED25519_PUBLIC_KEY_LEN)
            .then(|| Self::new(bytes))
            .ok_or(InvalidKey::InvalidPublicEd25519)
    }

    fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_ref())
    }
}

impl Verifier<Vec<u8>> for Ed25519Public {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        self.0.verify(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Ed25519Public {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl PublicKey for Ed25519Public {
    fn parameters(&self) -> AlgorithmParameters {
        AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: self.x(),
        })
    }

    fn required_members(&self) -> String {
        format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x())
    }
}
