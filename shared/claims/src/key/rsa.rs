//! RSA keys for RS256: RSASSA-PKCS1-v1_5 with SHA-256.

use std::{iter, ops::RangeInclusive};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm,
    crypto::{JwtSigner, JwtVerifier},
    jwk::{AlgorithmParameters, RSAKeyParameters, RSAKeyType},
    signature::{Error, Signer, Verifier},
};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair},
};

use super::{InvalidKey, PublicKey};

/// The allowed lengths of a modulus in bytes: 2048 to 4096 bits.
const MODULUS: RangeInclusive<usize> = 256..=512;
/// The minimum public exponent, 65537, as big-endian bytes.
const MIN_EXPONENT: &[u8] = &[1, 0, 1];
/// The maximum length of a public exponent in bytes.
const MAX_EXPONENT: usize = 4;
/// The primes with which a modulus is tested for ROCA (CVE-2017-15361). Modulo each of them, 65537 has few different
/// powers.
const ROCA_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

pub(super) struct RsaPrivate(RsaKeyPair);

impl RsaPrivate {
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        RsaKeyPair::from_pkcs8(der)
            .map(Self)
            .map_err(|_| InvalidKey::InvalidRsa)
    }

    pub(super) fn public_key(&self) -> Result<RsaPublic, InvalidKey> {
        let PublicKeyComponents::<Vec<u8>> { n, e } = self.0.public().into();
        RsaPublic::from_components(n, e)
    }
}

impl Signer<Vec<u8>> for RsaPrivate {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        // The padding is deterministic (RFC 8017 s8.2), but `ring` requires random numbers for blinding.
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::new())?;
        Ok(signature)
    }
}

impl JwtSigner for RsaPrivate {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

pub(super) struct RsaPublic(PublicKeyComponents<Vec<u8>>);

impl RsaPublic {
    pub(super) fn from_components(n: Vec<u8>, e: Vec<u8>) -> Result<Self, InvalidKey> {
        let minimal = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let full = n.first().is_some_and(|byte| *byte >= 0x80);
        let large_exponent = (e.len(), e.as_slice()) >= (MIN_EXPONENT.len(), MIN_EXPONENT);
        let sound = MODULUS.contains(&n.len())
            && (full || n.len() > *MODULUS.start())
            && minimal(&n)
            && minimal(&e)
            && odd(&n)
            && odd(&e)
            && large_exponent
            && e.len() <= MAX_EXPONENT;
        if !sound {
            return Err(InvalidKey::InvalidPublicRsa);
        }
        if is_factorable(&n) {
            return Err(InvalidKey::FactorableRsa);
        }
        Ok(Self(PublicKeyComponents { n, e }))
    }
}

/// Returns whether a modulus is a power of 65537 modulo each of [`ROCA_PRIMES`]. This holds for every key from the
/// vulnerable versions of Infineon's library (ROCA), and for about one in 240 million other keys.
fn is_factorable(modulus: &[u8]) -> bool {
    let rest_by = |number: u32, prime: u32| number.checked_rem(prime).unwrap_or_default();
    ROCA_PRIMES.into_iter().all(|prime| {
        let rest = modulus.iter().fold(0_u32, |rest, byte| {
            rest_by(rest.wrapping_shl(8).wrapping_add(u32::from(*byte)), prime)
        });
        let powers = iter::successors(Some(1_u32), |power| {
            Some(rest_by(power.wrapping_mul(65537), prime)).filter(|next| *next != 1)
        });
        powers.into_iter().any(|power| power == rest)
    })
}

impl Verifier<Vec<u8>> for RsaPublic {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        self.0
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| Error::new())
    }
}

impl JwtVerifier for RsaPublic {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

impl PublicKey for RsaPublic {
    fn parameters(&self) -> AlgorithmParameters {
        AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: URL_SAFE_NO_PAD.encode(&self.0.n),
            e: URL_SAFE_NO_PAD.encode(&self.0.e),
        })
    }

    fn required_members(&self) -> String {
        let [n, e] = [&self.0.n, &self.0.e].map(|number| URL_SAFE_NO_PAD.encode(number));
        format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
    }
}
