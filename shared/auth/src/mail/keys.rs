//! The keys that seal addresses.

use std::fmt;

use claims::Moment;
use rand::CryptoRng;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    error::Unspecified,
    hmac::{self, HMAC_SHA256},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    following::{Followed, InvalidText},
    keys::{ReadSecret, Secret, follow_secret},
    mail::{
        MailTo, Purpose, Sealed,
        sealed::{CONTENT, LENGTH, NONCE, TAG, VERSION},
    },
};

/// The minimum length of a key in bytes.
const MIN_KEY: usize = 32;
/// What AES keys are derived for.
const LABEL: &[u8] = b"gatehouse mail";

/// The key that seals addresses, and the one before it, which only opens them.
pub struct MailKeys {
    current: LessSafeKey,
    previous: Option<LessSafeKey>,
}

/// Why a string does not hold valid keys. The error does not reveal the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMailKeys {
    /// The string is not JSON of the expected format.
    #[error(r#"the mail keys must be JSON: {{"current":"...","previous":"..."}}, in which "previous" may be missing"#)]
    Malformed,
    /// One of the keys is so short that it could be guessed.
    #[error("a mail key must have at least {MIN_KEY} characters")]
    Short,
    /// A key cannot be used.
    #[error("a mail key cannot be used")]
    Unusable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    current: Zeroizing<String>,
    #[serde(default)]
    previous: Zeroizing<String>,
}

impl MailKeys {
    /// Parses `{"current":"...","previous":"..."}`, in which `previous` may be missing or empty.
    ///
    /// # Errors
    /// If `text` does not have this format, or has a key of fewer than 32 bytes.
    pub fn from_json(text: &str) -> Result<Self, InvalidMailKeys> {
        let Document { current, previous } = serde_json::from_str(text).map_err(|_| InvalidMailKeys::Malformed)?;
        let previous = (!previous.is_empty()).then_some(previous);
        Ok(Self {
            current: derive(&current)?,
            previous: previous.map(|previous| derive(&previous)).transpose()?,
        })
    }

    /// Seals an address for this purpose. The result always has the same length.
    ///
    /// # Errors
    /// If the address cannot be sealed.
    pub fn seal(&self, purpose: Purpose, to: &MailTo, rng: &mut impl CryptoRng) -> Result<Sealed, SealError> {
        self.seal_with(purpose, to, SealNonce::draw(rng))
    }

    /// Seals an address as [`MailKeys::seal`] does, with a nonce that was drawn before.
    ///
    /// # Errors
    /// If the address cannot be sealed.
    pub(crate) fn seal_with(&self, purpose: Purpose, to: &MailTo, nonce: SealNonce) -> Result<Sealed, SealError> {
        let SealNonce(nonce) = nonce;
        let drawn: [u8; NONCE] = *nonce.as_ref();
        let mut content = to.to_content().ok_or(SealError)?;
        let tag = self
            .current
            .seal_in_place_separate_tag(nonce, aad(purpose), &mut content)
            .map_err(|Unspecified| SealError)?;
        let bytes = [&[VERSION], &drawn[..], &content, tag.as_ref()].concat();
        Sealed::from_bytes(&bytes).ok_or(SealError)
    }

    /// Returns the address, if one of the keys sealed it for this purpose.
    #[must_use]
    pub fn open(&self, purpose: Purpose, sealed: &Sealed) -> Option<MailTo> {
        let keys = [Some(&self.current), self.previous.as_ref()];
        keys.into_iter()
            .flatten()
            .find_map(|key| open_with(key, purpose, sealed))
    }
}

/// The random bytes with which one address is sealed. They are drawn before the first await, so that no use case holds a
/// random number generator across an await. They seal once: sealing takes them.
pub(crate) struct SealNonce(Nonce);

impl SealNonce {
    pub(crate) fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        Self(Nonce::assume_unique_for_key(nonce))
    }
}

/// Follows the keys that seal the addresses of requested mails. The first read is at `now`.
///
/// # Errors
/// If the secret does not hold valid keys: no request could be answered with it.
pub async fn follow_mail_keys<S: ReadSecret>(
    source: S,
    now: Moment,
) -> Result<Followed<Secret<S>, MailKeys>, InvalidText> {
    let make = |text: &str| MailKeys::from_json(text).map(Some).map_err(InvalidText::new);
    follow_secret(source, make).start(now).await
}

/// The error of an address that could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address could not be sealed")]
pub struct SealError;

fn open_with(key: &LessSafeKey, purpose: Purpose, sealed: &Sealed) -> Option<MailTo> {
    let (_, rest) = sealed.as_bytes().split_first()?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
    let mut content: [u8; LENGTH - 1 - NONCE] = rest.try_into().ok()?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let content = key.open_in_place(nonce, aad(purpose), &mut content).ok()?;
    MailTo::from_content(content)
}

/// Returns the additional data that binds a sealed address to its version and its purpose.
fn aad(purpose: Purpose) -> Aad<Vec<u8>> {
    Aad::from([&[VERSION], purpose.as_str().as_bytes()].concat())
}

fn derive(text: &str) -> Result<LessSafeKey, InvalidMailKeys> {
    if text.len() < MIN_KEY {
        return Err(InvalidMailKeys::Short);
    }
    let key = hmac::sign(&hmac::Key::new(HMAC_SHA256, text.as_bytes()), LABEL);
    let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|Unspecified| InvalidMailKeys::Unusable)?;
    Ok(LessSafeKey::new(key))
}

/// The keys are secrets, so `Debug` does not show them.
impl fmt::Debug for MailKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MailKeys(..)")
    }
}

const _: () = assert!(LENGTH == 1 + NONCE + CONTENT + TAG);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};
    use rstest::rstest;

    use super::*;
    use crate::{mail::Language, user::Email};

    const FIRST: &str = "0123456789abcdefghijklmnopqrstuv";
    const SECOND: &str = "vutsrqponmlkjihgfedcba9876543210";

    proptest! {
        #[test]
        fn a_sealed_address_has_one_length_and_opens_to_what_was_sealed(
            local in "[a-z]{1,240}", language in proptest::option::of("[a-z]{1,35}"), asked_at in 0..u64::MAX
        ) {
            let to = to(&format!("{local}@example.com"), language.as_deref(), asked_at);
            let sealed = seal(&keys(FIRST, ""), Purpose::Reset, &to);

            prop_assert_eq!(sealed.to_base64().len(), 466);
            prop_assert_eq!(Sealed::from_base64(&sealed.to_base64()), Some(sealed.clone()));
            prop_assert_eq!(keys(FIRST, "").open(Purpose::Reset, &sealed), Some(to));
        }
    }

    #[test]
    fn an_address_opens_only_for_its_purpose() {
        let keys = keys(FIRST, "");
        for sealed_for in Purpose::ALL {
            let sealed = seal(&keys, *sealed_for, &ada());
            for purpose in Purpose::ALL {
                let opened = keys.open(*purpose, &sealed);

                assert_eq!(opened.is_some(), purpose == sealed_for, "{sealed_for:?} as {purpose:?}");
            }
        }
    }

    #[test]
    fn the_previous_key_still_opens_and_a_later_one_does_not() {
        let old = seal(&keys(FIRST, ""), Purpose::Register, &ada());

        assert_eq!(keys(SECOND, FIRST).open(Purpose::Register, &old), Some(ada()));
        assert_eq!(keys(SECOND, "").open(Purpose::Register, &old), None);
        let new = seal(&keys(SECOND, FIRST), Purpose::Register, &ada());
        assert_eq!(keys(FIRST, "").open(Purpose::Register, &new), None);
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let keys = keys(FIRST, "");
        let sealed = seal(&keys, Purpose::Register, &ada());
        for at in 0..LENGTH {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at] ^= 1;

            let opened = Sealed::from_bytes(&bytes).and_then(|changed| keys.open(Purpose::Register, &changed));

            assert_eq!(opened, None, "byte {at}");
        }
        assert_eq!(Sealed::from_bytes(&sealed.as_bytes()[1..]), None);
        assert_eq!(Sealed::from_base64("%"), None);
    }

    #[rstest]
    #[case("", InvalidMailKeys::Malformed)]
    #[case("0123456789abcdefghijklmnopqrstuv", InvalidMailKeys::Malformed)]
    #[case("{}", InvalidMailKeys::Malformed)]
    #[case(
        r#"{"current":"0123456789abcdefghijklmnopqrstuv","next":""}"#,
        InvalidMailKeys::Malformed
    )]
    #[case(r#"{"current":""}"#, InvalidMailKeys::Short)]
    #[case(r#"{"current":"0123456789abcdefghijklmnopqrstu"}"#, InvalidMailKeys::Short)]
    #[case(
        r#"{"current":"0123456789abcdefghijklmnopqrstuv","previous":"short"}"#,
        InvalidMailKeys::Short
    )]
    fn anything_else_is_refused_and_not_shown(#[case] text: &str, #[case] expected: InvalidMailKeys) {
        let fault = MailKeys::from_json(text).unwrap_err();

        assert_eq!(fault, expected);
        assert!(!fault.to_string().contains("0123"), "{fault}");
    }

    #[test]
    fn neither_keys_nor_sealed_addresses_are_shown() {
        let keys = keys(FIRST, "");

        assert_eq!(format!("{keys:?}"), "MailKeys(..)");
        assert_eq!(format!("{:?}", seal(&keys, Purpose::Reset, &ada())), "Sealed(..)");
    }

    fn keys(current: &str, previous: &str) -> MailKeys {
        MailKeys::from_json(&format!(r#"{{"current":"{current}","previous":"{previous}"}}"#)).unwrap()
    }

    fn seal(keys: &MailKeys, purpose: Purpose, to: &MailTo) -> Sealed {
        keys.seal(purpose, to, &mut StdRng::seed_from_u64(1)).unwrap()
    }

    fn ada() -> MailTo {
        to("Ada@Example.com", Some("de"), 1_700_000_000_000)
    }

    fn to(email: &str, language: Option<&str>, asked_at: u64) -> MailTo {
        MailTo {
            email: Email::parse(email).unwrap(),
            language: language.map(|language| Language::parse(language).unwrap()),
            asked_at: Moment::new(asked_at),
        }
    }
}
