//! The language that somebody asked for.

/// The maximum length of a language tag in bytes. It is the length that RFC 5646 s4.4.1 recommends to allow.
const MAX_LENGTH: usize = 35;

/// The language of a letter, as a language tag such as `en` or `de-AT` (RFC 5646). Whether there are letters in this
/// language is decided when a letter is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(String);

/// The error for a string that is not a language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is a tag such as en or de-AT")]
pub struct InvalidLanguage;

impl Language {
    /// Parses a language tag: letters, digits and hyphens, at most 35 of them.
    ///
    /// # Errors
    /// If `text` is empty, too long, or has any other character.
    pub fn parse(text: &str) -> Result<Self, InvalidLanguage> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        ((1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_allowed))
            .then(|| Self(text.to_ascii_lowercase()))
            .ok_or(InvalidLanguage)
    }

    /// Returns the tag in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("en", Some("en"))]
    #[case("de-AT", Some("de-at"))]
    #[case("", None)]
    #[case("en_US", None)]
    #[case("../en", None)]
    #[case("é", None)]
    fn a_language_is_a_tag(#[case] text: &str, #[case] expected: Option<&str>) {
        let language = Language::parse(text);

        assert_eq!(language.as_ref().ok().map(Language::as_str), expected);
    }

    #[test]
    fn a_tag_has_at_most_35_characters() {
        assert!(Language::parse(&"a".repeat(35)).is_ok());
        assert_eq!(Language::parse(&"a".repeat(36)), Err(InvalidLanguage));
    }
}
