//! The keys that seal what only the service may read, such as addresses in an outbox and the seeds of second factors.

use std::fmt;

use rand::CryptoRng;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    error::Unspecified,
    hmac::{self, HMAC_SHA256},
};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The minimum length of a key in bytes.
const MIN_KEY: usize = 32;
/// The length of the nonce in bytes.
pub(crate) const NONCE: usize = 12;
/// The length of the authentication tag in bytes.
pub(crate) const TAG: usize = 16;

/// The key that seals, and the one before it, which only opens.
pub(crate) struct SealingKeys {
    current: LessSafeKey,
    previous: Option<LessSafeKey>,
}

/// Why a string does not hold valid keys. The error does not reveal the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSealingKeys {
    /// The string is not JSON of the expected format.
    #[error(r#"the keys must be JSON: {{"current":"...","previous":"..."}}, in which "previous" may be missing"#)]
    Malformed,
    /// One of the keys is so short that it could be guessed.
    #[error("a key must have at least {MIN_KEY} characters")]
    Short,
    /// A key cannot be used.
    #[error("a key cannot be used")]
    Unusable,
}

/// The error of content that could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the content could not be sealed")]
pub struct SealError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    current: Zeroizing<String>,
    #[serde(default)]
    previous: Zeroizing<String>,
}

/// The random bytes with which something is sealed. They are drawn before the first await, so that no use case holds a
/// random number generator across an await. They seal once: sealing takes them.
pub(crate) struct SealNonce(Nonce);

impl SealNonce {
    pub(crate) fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        Self(Nonce::assume_unique_for_key(nonce))
    }
}

impl SealingKeys {
    /// Parses `{"current":"...","previous":"..."}`, in which `previous` may be missing or empty. The AES keys are derived
    /// for `label`, so that keys for one purpose do not open what those for another sealed.
    pub(crate) fn from_json(text: &str, label: &[u8]) -> Result<Self, InvalidSealingKeys> {
        let Derived { current, previous } = Derived::from_json(text, label)?;
        let make = |key: hmac::Tag| {
            let key =
                UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|Unspecified| InvalidSealingKeys::Unusable)?;
            Ok(LessSafeKey::new(key))
        };
        Ok(Self {
            current: make(current)?,
            previous: previous.map(make).transpose()?,
        })
    }

    /// Encrypts the content with AES-256-GCM and binds it to `context`. Returns the nonce, the encrypted content and the
    /// tag.
    pub(crate) fn seal(&self, context: &[u8], plain: &[u8], nonce: SealNonce) -> Result<Vec<u8>, SealError> {
        let SealNonce(nonce) = nonce;
        let mut sealed = nonce.as_ref().to_vec();
        let mut sealing = Zeroizing::new(plain.to_vec());
        let tag = self
            .current
            .seal_in_place_separate_tag(nonce, Aad::from(context), &mut sealing)
            .map_err(|Unspecified| SealError)?;
        sealed.extend_from_slice(&sealing);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Returns the content, if one of the keys sealed it with this context.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let keys = [Some(&self.current), self.previous.as_ref()];
        keys.into_iter()
            .flatten()
            .find_map(|key| open_with(key, context, sealed))
    }
}

fn open_with(key: &LessSafeKey, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
    let mut opened = Zeroizing::new(rest.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, Aad::from(context), &mut opened).ok()?.len();
    opened.truncate(length);
    Some(opened)
}

/// Keys for one purpose: HMAC-SHA-256 of its label under each of the keys of a secret.
#[derive(Clone, Copy)]
pub(crate) struct Derived {
    pub(crate) current: hmac::Tag,
    pub(crate) previous: Option<hmac::Tag>,
}

impl Derived {
    /// Derives the keys from `{"current":"...","previous":"..."}`, in which `previous` may be missing or empty.
    pub(crate) fn from_json(text: &str, label: &[u8]) -> Result<Self, InvalidSealingKeys> {
        let Document { current, previous } = serde_json::from_str(text).map_err(|_| InvalidSealingKeys::Malformed)?;
        let previous = (!previous.is_empty()).then_some(previous);
        Ok(Self {
            current: derive(&current, label)?,
            previous: previous.map(|previous| derive(&previous, label)).transpose()?,
        })
    }

    /// Returns the keys as those of HMAC-SHA-256.
    pub(crate) fn hmac_keys(&self) -> (hmac::Key, Option<hmac::Key>) {
        let make = |key: &hmac::Tag| hmac::Key::new(HMAC_SHA256, key.as_ref());
        (make(&self.current), self.previous.as_ref().map(make))
    }
}

fn derive(text: &str, label: &[u8]) -> Result<hmac::Tag, InvalidSealingKeys> {
    if text.len() < MIN_KEY {
        return Err(InvalidSealingKeys::Short);
    }
    Ok(hmac::sign(&hmac::Key::new(HMAC_SHA256, text.as_bytes()), label))
}

/// The keys are secrets, so `Debug` does not show them.
impl fmt::Debug for SealingKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use rstest::rstest;

    use super::*;

    const FIRST: &str = "0123456789abcdefghijklmnopqrstuv";
    const SECOND: &str = "vutsrqponmlkjihgfedcba9876543210";

    #[test]
    fn the_previous_key_still_opens_and_a_later_one_does_not() {
        let old = seal(&keys(FIRST, "", b"label"));

        assert_eq!(
            open(&keys(SECOND, FIRST, b"label"), &old).as_deref(),
            Some(&b"content"[..])
        );
        assert_eq!(open(&keys(SECOND, "", b"label"), &old), None);
        let new = seal(&keys(SECOND, FIRST, b"label"));
        assert_eq!(open(&keys(FIRST, "", b"label"), &new), None);
    }

    #[test]
    fn content_opens_only_with_its_label_and_context() {
        let keys_of = |label| keys(FIRST, "", label);
        let sealed = seal(&keys_of(b"one"));

        assert!(open(&keys_of(b"one"), &sealed).is_some());
        assert_eq!(open(&keys_of(b"other"), &sealed), None);
        assert_eq!(keys_of(b"one").open(b"another context", &sealed), None);
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let keys = keys(FIRST, "", b"label");
        let sealed = seal(&keys);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;

            assert_eq!(open(&keys, &changed), None, "byte {at}");
            assert_eq!(open(&keys, &sealed[..at]), None, "{at} bytes");
        }
    }

    #[rstest]
    #[case("", InvalidSealingKeys::Malformed)]
    #[case("0123456789abcdefghijklmnopqrstuv", InvalidSealingKeys::Malformed)]
    #[case("{}", InvalidSealingKeys::Malformed)]
    #[case(
        r#"{"current":"0123456789abcdefghijklmnopqrstuv","next":""}"#,
        InvalidSealingKeys::Malformed
    )]
    #[case(r#"{"current":""}"#, InvalidSealingKeys::Short)]
    #[case(r#"{"current":"0123456789abcdefghijklmnopqrstu"}"#, InvalidSealingKeys::Short)]
    #[case(
        r#"{"current":"0123456789abcdefghijklmnopqrstuv","previous":"short"}"#,
        InvalidSealingKeys::Short
    )]
    fn anything_else_is_refused_and_not_shown(#[case] text: &str, #[case] expected: InvalidSealingKeys) {
        let fault = SealingKeys::from_json(text, b"label").unwrap_err();

        assert_eq!(fault, expected);
        assert!(!fault.to_string().contains("0123"), "{fault}");
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(format!("{:?}", keys(FIRST, "", b"label")), "SealingKeys(..)");
    }

    fn keys(current: &str, previous: &str, label: &[u8]) -> SealingKeys {
        let text = format!(r#"{{"current":"{current}","previous":"{previous}"}}"#);
        SealingKeys::from_json(&text, label).unwrap()
    }

    fn seal(keys: &SealingKeys) -> Vec<u8> {
        let nonce = SealNonce::draw(&mut StdRng::seed_from_u64(1));
        keys.seal(b"context", b"content", nonce).unwrap()
    }

    fn open(keys: &SealingKeys, sealed: &[u8]) -> Option<Vec<u8>> {
        keys.open(b"context", sealed).map(|content| content.to_vec())
    }
}
