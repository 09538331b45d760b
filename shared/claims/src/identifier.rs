//! Identifiers: the names of users, sessions, keys, audiences and other things in tokens.

use std::{fmt, marker::PhantomData};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::CryptoRng;
use ring::digest;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::Moment;

/// The maximum length of a name in bytes.
const MAX_LENGTH: usize = 100;

/// A name of 1 to 100 visible ASCII characters, without quotes and backslashes. The type `K` says what kind of
/// thing has the name, such as a user or a key.
pub struct Identifier<K> {
    text: Box<str>,
    kind: PhantomData<fn() -> K>,
}

/// A kind of thing that an [`Identifier`] can name.
pub trait Named {
    /// The name of this kind in error messages.
    const NAME: &str;
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $alias:ident = $marker:ident, $name:literal;)*) => {$(
        #[doc(hidden)]
        #[derive(Debug)]
        pub enum $marker {}
        impl Named for $marker {
            const NAME: &str = $name;
        }
        $(#[$doc])*
        pub type $alias = Identifier<$marker>;
    )*};
}

identifiers! {
    /// The issuer of a token: the `iss` claim (RFC 7519 s4.1.1).
    Issuer = IssuerName, "issuer";
    /// The audience of an access token: the `aud` claim (RFC 7519 s4.1.3).
    Audience = AudienceName, "audience";
    /// The client that tokens are issued to: the `client_id` claim (RFC 9068 s2.2).
    ClientId = ClientName, "client id";
    /// A user: the `sub` claim (RFC 7519 s4.1.2). The id of a user is never reused for another person.
    UserId = UserName, "user id";
    /// A session, which begins with one login and includes every refresh after it: the `sid` claim.
    SessionId = SessionName, "session id";
    /// A device from which a user has logged in: the `device` claim.
    DeviceId = DeviceName, "device id";
    /// A single token: the `jti` claim (RFC 7519 s4.1.7).
    TokenId = TokenName, "token id";
    /// A key in a key set: the `kid` header (RFC 7515 s4.1.4).
    KeyId = KeyName, "key id";
    /// A user's role: the `role` claim. A user has only one role.
    Role = RoleName, "role";
}

/// The error for a name that is empty, is too long, or contains a quote, a backslash or a character that is not visible
/// ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: must be 1 to {MAX_LENGTH} visible ASCII characters without quotes or backslashes")]
pub struct InvalidIdentifier {
    what: &'static str,
}

impl<K: Named> Identifier<K> {
    /// Parses a name.
    ///
    /// # Errors
    /// If `text` is empty, longer than 100 bytes, or contains a character other than visible ASCII. Quotes and
    /// backslashes are refused too, so that a name is never escaped in JSON and keeps its length.
    pub fn parse(text: impl Into<Box<str>>) -> Result<Self, InvalidIdentifier> {
        let text = text.into();
        if !is_valid(&text) {
            return Err(InvalidIdentifier { what: K::NAME });
        }
        Ok(Self {
            text,
            kind: PhantomData,
        })
    }

    /// Makes a new identifier as [`Identifier::new`] does, with random bits from `rng`.
    #[must_use]
    pub fn draw(at: Moment, rng: &mut impl CryptoRng) -> Self {
        let mut entropy = [0; 10];
        rng.fill_bytes(&mut entropy);
        Self::new(at, entropy)
    }

    /// Makes a new identifier from a time and random bytes: a UUID of version 7 (RFC 9562 s5.7), which sorts by time
    /// and has 74 random bits.
    #[must_use]
    pub fn new(at: Moment, entropy: [u8; 10]) -> Self {
        let uuid: Uuid = uuid::Builder::from_unix_timestamp_millis(at.get(), &entropy).into_uuid();
        Self {
            text: uuid.to_string().into(),
            kind: PhantomData,
        }
    }
}

/// Returns whether [`Identifier::parse`] accepts a string.
pub(crate) fn is_valid(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    // No byte ends the loop early, so the compiler can check many bytes at once.
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().fold(true, |all, byte| all & is_plain(byte))
}

impl<K> Identifier<K> {
    /// Returns the name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the 16 bytes of the name if it is a UUID as [`Identifier::new`] spells it: in lower case, with hyphens.
    /// Returns `None` for any other name, so that no two names have the same bytes.
    #[must_use]
    pub fn as_uuid(&self) -> Option<[u8; 16]> {
        let uuid = Uuid::try_parse(&self.text).ok()?;
        let mut canonical = Uuid::encode_buffer();
        (*uuid.hyphenated().encode_lower(&mut canonical) == *self.text).then(|| uuid.into_bytes())
    }

    /// Returns the name for which [`Identifier::as_uuid`] returns these bytes.
    #[must_use]
    pub fn from_uuid(bytes: [u8; 16]) -> Self {
        Self {
            text: Uuid::from_bytes(bytes).to_string().into(),
            kind: PhantomData,
        }
    }
}

impl Issuer {
    /// Returns the host if the issuer is a URL, and the whole issuer otherwise.
    #[must_use]
    pub fn host(&self) -> &str {
        let (_, rest) = self.text.split_once("://").unwrap_or_default();
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        if host.is_empty() { &self.text } else { host }
    }

    /// Returns the audience of refresh tokens. It is the issuer itself, since only the issuer accepts them.
    #[must_use]
    pub fn as_audience(&self) -> Audience {
        Audience {
            text: self.text.clone(),
            kind: PhantomData,
        }
    }

    /// Returns the audience of device tokens: the issuer with the suffix `#device`.
    #[must_use]
    pub fn as_device_audience(&self) -> Audience {
        Audience {
            text: format!("{self}#device").into(),
            kind: PhantomData,
        }
    }

    /// Returns the audience of link tokens: the issuer with the suffix `#link`.
    #[must_use]
    pub fn as_link_audience(&self) -> Audience {
        Audience {
            text: format!("{self}#link").into(),
            kind: PhantomData,
        }
    }

    /// Returns the audience of the tokens of second steps: the issuer with the suffix `#second`.
    #[must_use]
    pub fn as_second_audience(&self) -> Audience {
        Audience {
            text: format!("{self}#second").into(),
            kind: PhantomData,
        }
    }
}

impl KeyId {
    /// Makes a `kid` of random bytes, for a key without a public half. Such a `kid` reveals nothing about the key.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        Self {
            text: URL_SAFE_NO_PAD.encode(entropy).into(),
            kind: PhantomData,
        }
    }
}

impl TokenId {
    /// Returns the `jti` of the refresh token of one generation of a session. The same session and generation always
    /// give the same `jti`: 128 bits of the SHA-256 of both. A `jti` that contained the session id and the generation
    /// themselves could make the token too long for its cookie.
    #[must_use]
    pub fn from_generation(sid: &SessionId, generation: u64) -> Self {
        let hash = digest::digest(&digest::SHA256, format!("{sid}.{generation}").as_bytes());
        let half = hash.as_ref().chunks(16).next().unwrap_or_default();
        Self {
            text: URL_SAFE_NO_PAD.encode(half).into(),
            kind: PhantomData,
        }
    }
}

impl<K> Clone for Identifier<K> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            kind: PhantomData,
        }
    }
}

impl<K> PartialEq for Identifier<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for Identifier<K> {}

impl<K> PartialOrd for Identifier<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Identifier<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K> std::hash::Hash for Identifier<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> fmt::Debug for Identifier<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.text)
    }
}

impl<K> fmt::Display for Identifier<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl<K> Serialize for Identifier<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K: Named> Deserialize<'de> for Identifier<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<K: Named> std::str::FromStr for Identifier<K> {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
