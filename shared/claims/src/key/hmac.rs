//! HMAC keys: the secrets for HS256.

use std::collections::BTreeSet;

use jsonwebtoken::{
    Algorithm,
    crypto::{JwtSigner, JwtVerifier},
    signature::{Error, Signer, Verifier},
};
use ring::hmac::{self, HMAC_SHA256};
use zeroize::Zeroizing;

use super::{InvalidKey, decode_bytes};

/// The minimum length of a secret in bytes: the length of the hash (RFC 7518 s3.2).
const MIN_SECRET: usize = 32;
/// The minimum number of different bytes in a secret. A secret of 32 random bytes or 64 random hexadecimal digits
/// practically never has fewer.
const MIN_DISTINCT: usize = 11;
/// Published secrets in base64url. They are refused, although they are long enough. The first is from RFC 7515 A.1, the
/// last consists of the rows of a keyboard, and the others are from jwt.io and the manuals of libraries.
const PUBLISHED: &[&str] = &[
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc",
    "YS12YWxpZC1zdHJpbmctc2VjcmV0LXRoYXQtaXMtYXQtbGVhc3QtMzg0LWJpdHMtbG9uZw",
    "YS12YWxpZC1zdHJpbmctc2VjcmV0LXRoYXQtaXMtYXQtbGVhc3QtNTEyLWJpdHMtbG9uZy13aGljaC1pcy12ZXJ5LWxvbmc",
    "bXktMzItY2hhcmFjdGVyLXVsdHJhLXNlY3VyZS1hbmQtdWx0cmEtbG9uZy1zZWNyZXQ",
    "cXdlcnR5dWlvcGFzZGZnaGprbHp4Y3Zibm0xMjM0NTY",
];

/// A key for HMAC-SHA-256. `ring` compares signatures in constant time.
#[derive(Clone)]
pub(super) struct Hmac(hmac::Key);

impl Hmac {
    pub(super) fn from_base64(secret: &str) -> Result<Self, InvalidKey> {
        let known = PUBLISHED.contains(&secret);
        let secret = Zeroizing::new(decode_bytes(secret)?);
        if secret.len() < MIN_SECRET {
            return Err(InvalidKey::ShortSecret);
        }
        if known {
            return Err(InvalidKey::PublishedSecret);
        }
        if is_predictable(&secret) {
            return Err(InvalidKey::PredictableSecret);
        }
        Ok(Self(hmac::Key::new(HMAC_SHA256, &secret)))
    }
}

#[cfg(test)]
impl super::VerifyingKey {
    /// Makes an HS256 key from a secret without checking its strength.
    pub(crate) fn hs256_of_any_secret(secret: &[u8]) -> Self {
        Self::new(Hmac(hmac::Key::new(HMAC_SHA256, secret)))
    }
}

/// Returns whether a secret has few different bytes, repeats a sequence, or counts up or down in equal steps.
fn is_predictable(secret: &[u8]) -> bool {
    let distinct = secret.iter().collect::<BTreeSet<_>>().len();
    let has_period = |period| {
        secret
            .iter()
            .zip(secret.iter().skip(period))
            .all(|(one, next)| one == next)
    };
    let steps = secret
        .iter()
        .zip(secret.iter().skip(1))
        .map(|(one, next)| next.wrapping_sub(*one))
        .collect::<BTreeSet<_>>();
    distinct < MIN_DISTINCT || steps.len() == 1 || (1..=secret.len() / 2).any(has_period)
}

impl Signer<Vec<u8>> for Hmac {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl JwtSigner for Hmac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hmac {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Hmac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        let counting: Vec<u8> = (0..64).collect();
        let backwards: Vec<u8> = (0..64).rev().map(|byte| byte * 3).collect();
        let twice = [&b"0f1e2d3c4b5a6978"[..]; 2].concat();
        let guessable: &[&[u8]] = &[
            &[0; 32],
            b"secretsecretsecretsecretsecretsecret",
            b"0123456789012345678901234567890123456789",
            b"password1password1password1password1",
            &twice,
            &counting,
            &backwards,
        ];

        for secret in guessable {
            let refusal = Hmac::from_base64(&URL_SAFE_NO_PAD.encode(secret)).err();
            assert_eq!(refusal, Some(InvalidKey::PredictableSecret), "{secret:?}");
        }
    }

    #[test]
    fn a_secret_needs_eleven_different_bytes() {
        let digits = "31415926535897932384626433832795028841";

        assert!(is_predictable(digits.as_bytes()));
        assert!(!is_predictable(digits.replacen('3', "x", 1).as_bytes()));
    }

    #[test]
    fn a_secret_that_is_published_is_refused() {
        for secret in PUBLISHED {
            assert_eq!(Hmac::from_base64(secret).err(), Some(InvalidKey::PublishedSecret));
        }
    }

    #[test]
    fn a_random_secret_of_32_bytes_is_accepted() {
        let hexadecimal = b"4f1d0a9be2c86735f01b7d6ea9c4283590cf6be1d7a25483ec7b9f0d16a8425e";
        for secret in [hexadecimal.as_slice(), &hexadecimal[..32]] {
            assert!(Hmac::from_base64(&URL_SAFE_NO_PAD.encode(secret)).is_ok(), "{secret:?}");
        }
        let short = URL_SAFE_NO_PAD.encode(&hexadecimal[..31]);
        assert_eq!(Hmac::from_base64(&short).err(), Some(InvalidKey::ShortSecret));
    }
}
