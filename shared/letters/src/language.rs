//! The languages of the letters.

use std::iter::successors;

use crate::template;

/// The languages in which every letter can be written, as language tags (RFC 5646).
pub const LANGUAGES: &[&str] = template::LANGUAGES;

/// Returns the language for a letter: `asked`, or else `default`, or else English. Both are language tags, such as
/// `de-AT`. Case does not matter. If a tag is not one of [`LANGUAGES`], its last part is removed until it is (RFC 4647
/// s3.4), so `de-AT` becomes `de`.
#[must_use]
pub fn language(asked: &str, default: &str) -> &'static str {
    find(asked)
        .or_else(|| find(default))
        .unwrap_or(template::DEFAULT_LANGUAGE)
}

fn find(tag: &str) -> Option<&'static str> {
    successors(Some(tag), |tag| Some(tag.rsplit_once('-')?.0))
        .find_map(|tag| LANGUAGES.iter().copied().find(|known| known.eq_ignore_ascii_case(tag)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("de", "en", "de")]
    #[case("DE-at", "en", "de")]
    #[case("de-Latn-DE-1996", "en", "de")]
    #[case("en-GB", "de", "en")]
    #[case("fr", "de", "de")]
    #[case("fr", "de-CH", "de")]
    #[case("deu", "en", "en")]
    #[case("", "de", "de")]
    #[case("-", "", "en")]
    #[case("fr", "fr", "en")]
    #[case("ü-de", "en", "en")]
    fn a_letter_gets_a_language_that_exists(#[case] asked: &str, #[case] default: &str, #[case] expected: &str) {
        assert_eq!(language(asked, default), expected);
    }
}
