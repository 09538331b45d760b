//! Sealed addresses: an address that only the service can read, always of the same length.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::Moment;

use crate::{
    mail::Language,
    sealing::{NONCE, TAG},
    user::Email,
};

/// The length of what is sealed in bytes: the time, the language and the address with their lengths, and padding.
pub(crate) const CONTENT: usize = 320;
/// The length of a sealed address in bytes: its version, its nonce, its content and its tag.
pub(crate) const LENGTH: usize = 1 + NONCE + CONTENT + TAG;
/// The first byte of a sealed address.
pub(crate) const VERSION: u8 = 1;

/// To whom a mail goes, and when and in which language somebody asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTo {
    /// The address as it was typed.
    pub email: Email,
    /// The language, if the request named one.
    pub language: Option<Language>,
    /// When the mail was requested.
    pub asked_at: Moment,
}

/// A [`MailTo`] that was encrypted with AES-256-GCM. Neither its length nor its bytes say anything about the address.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed([u8; LENGTH]);

impl Sealed {
    /// Returns the sealed address with these bytes, or `None` if their number or the version is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        (bytes.first() == Some(&VERSION)).then_some(Self(bytes))
    }

    /// Returns the sealed address that [`Sealed::to_base64`] returns as this text.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_bytes(&URL_SAFE_NO_PAD.decode(text).ok()?)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the sealed address as 466 characters of base64url.
    #[must_use]
    pub fn to_base64(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// A sealed address is not a secret by itself, but its holder may try codes, so `Debug` does not show it.
impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealed(..)")
    }
}

impl MailTo {
    /// Returns the content to be sealed, or `None` if it is too long. No [`Email`] and no [`Language`] is too long.
    pub(crate) fn to_content(&self) -> Option<[u8; CONTENT]> {
        let language = self.language.as_ref().map_or("", Language::as_str).as_bytes();
        let email = self.email.typed().as_bytes();
        let parts = [
            &self.asked_at.get().to_be_bytes()[..],
            &[u8::try_from(language.len()).ok()?],
            language,
            &[u8::try_from(email.len()).ok()?],
            email,
        ];
        let mut content = [0; CONTENT];
        let written = parts.concat();
        content.get_mut(..written.len())?.copy_from_slice(&written);
        Some(content)
    }

    /// Reads what [`MailTo::to_content`] wrote.
    pub(crate) fn from_content(content: &[u8]) -> Option<Self> {
        let (asked_at, rest) = content.split_first_chunk::<8>()?;
        let (language, rest) = split_text(rest)?;
        let (email, _) = split_text(rest)?;
        Some(Self {
            email: Email::parse(email).ok()?,
            language: Language::parse(language).ok(),
            asked_at: Moment::new(u64::from_be_bytes(*asked_at)),
        })
    }
}

/// Splits a string off, whose length is in the first byte.
fn split_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}
