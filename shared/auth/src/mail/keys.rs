//! The keys that seal addresses.

use claims::Moment;
use rand::CryptoRng;

use crate::{
    following::{Followed, InvalidText},
    keys::{ReadSecret, Secret, follow_secret},
    mail::{
        MailTo, Purpose, Sealed,
        sealed::{CONTENT, LENGTH, VERSION},
    },
    sealing::{InvalidSealingKeys, NONCE, SealError, SealNonce, SealingKeys, TAG},
};

/// What the keys are derived for.
const LABEL: &[u8] = b"gatehouse mail";

/// The key that seals addresses, and the one before it, which only opens them.
#[derive(Debug)]
pub struct MailKeys(SealingKeys);

impl MailKeys {
    /// Parses `{"current":"...","previous":"..."}`, in which `previous` may be missing or empty.
    ///
    /// # Errors
    /// If `text` does not have this format, or has a key of fewer than 32 bytes.
    pub fn from_json(text: &str) -> Result<Self, InvalidSealingKeys> {
        SealingKeys::from_json(text, LABEL).map(Self)
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
        let content = to.to_content().ok_or(SealError)?;
        let sealed = self.0.seal(&context(purpose), &content, nonce)?;
        Sealed::from_bytes(&[&[VERSION], &sealed[..]].concat()).ok_or(SealError)
    }

    /// Returns the address, if one of the keys sealed it for this purpose.
    #[must_use]
    pub fn open(&self, purpose: Purpose, sealed: &Sealed) -> Option<MailTo> {
        let (_, sealed) = sealed.as_bytes().split_first()?;
        MailTo::from_content(&self.0.open(&context(purpose), sealed)?)
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

/// Returns what binds a sealed address to its version and its purpose.
fn context(purpose: Purpose) -> Vec<u8> {
    [&[VERSION], purpose.as_str().as_bytes()].concat()
}

const _: () = assert!(LENGTH == 1 + NONCE + CONTENT + TAG);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;
    use crate::{mail::Language, user::Email};

    proptest! {
        #[test]
        fn a_sealed_address_has_one_length_and_opens_to_what_was_sealed(
            local in "[a-z]{1,240}", language in proptest::option::of("[a-z]{1,35}"), asked_at in 0..u64::MAX
        ) {
            let to = to(&format!("{local}@example.com"), language.as_deref(), asked_at);
            let sealed = seal(&keys(), Purpose::Reset, &to);

            prop_assert_eq!(sealed.to_base64().len(), 466);
            prop_assert_eq!(Sealed::from_base64(&sealed.to_base64()), Some(sealed.clone()));
            prop_assert_eq!(keys().open(Purpose::Reset, &sealed), Some(to));
        }
    }

    #[test]
    fn an_address_opens_only_for_its_purpose() {
        let keys = keys();
        for sealed_for in Purpose::ALL {
            let sealed = seal(&keys, *sealed_for, &ada());
            for purpose in Purpose::ALL {
                let opened = keys.open(*purpose, &sealed);

                assert_eq!(opened.is_some(), purpose == sealed_for, "{sealed_for:?} as {purpose:?}");
            }
        }
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let keys = keys();
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

    #[test]
    fn neither_keys_nor_sealed_addresses_are_shown() {
        let keys = keys();

        assert_eq!(format!("{keys:?}"), "MailKeys(SealingKeys(..))");
        assert_eq!(format!("{:?}", seal(&keys, Purpose::Reset, &ada())), "Sealed(..)");
    }

    fn keys() -> MailKeys {
        MailKeys::from_json(r#"{"current":"0123456789abcdefghijklmnopqrstuv"}"#).unwrap()
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
