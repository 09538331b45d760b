//! A user's permissions: the `scope` claim (RFC 6749 s3.3).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A user's permissions: scope tokens separated by single spaces. It may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scope(Box<str>);

/// The error for a string that does not consist of scope tokens separated by single spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scope: must be words of visible ASCII characters without quotes or backslashes, with one space between two")]
pub struct InvalidScope;

impl Scope {
    /// Parses scope tokens, `scope-token *( SP scope-token )`. An empty string is valid.
    ///
    /// # Errors
    /// If a token has a character outside RFC 6749's set, or a space is not between two tokens.
    pub fn parse(text: impl Into<Box<str>>) -> Result<Self, InvalidScope> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        let sound = |token: &str| !token.is_empty() && token.bytes().all(plain);
        (text.is_empty() || text.split(' ').all(sound))
            .then_some(Self(text))
            .ok_or(InvalidScope)
    }

    /// Returns the scope tokens, separated by single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::str::FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_tokens_between_single_spaces() {
        for good in ["", "read", "reports:read reports:write"] {
            let scope: Scope = good.parse().unwrap();

            assert_eq!((scope.as_str(), scope.to_string().as_str()), (good, good));
        }
        for bad in [" ", "a  b", " a", "a ", "a\tb", "\"", "\\", "é"] {
            assert_eq!(Scope::parse(bad), Err(InvalidScope), "{bad:?}");
        }
    }
}
