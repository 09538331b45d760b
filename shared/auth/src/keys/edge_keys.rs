//! The keys by which the proxy in front of this service proves that a request came through it.

use std::fmt;

use ring::hmac::{self, HMAC_SHA256};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The minimum length of a key in bytes.
const MIN_KEY: usize = 32;
/// The HMAC key of the tags. It is not a secret: tags are only used to compare keys in constant time.
const TAG_KEY: &[u8] = b"gatehouse edge keys";

/// One or two keys of the proxy. If there are two, both are valid, so that the proxy can change from one to the other.
pub struct EdgeKeys {
    /// The HMAC tag of each key.
    tags: Vec<hmac::Tag>,
}

/// Why a string does not hold valid keys. The error does not reveal the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEdgeKeys {
    /// The string is not JSON of the expected format.
    #[error(r#"the keys of the proxy must be JSON: {{"first":"...","second":"..."}}"#)]
    Malformed,
    /// The string has no key.
    #[error("the proxy has no key")]
    Empty,
    /// One of the keys is so short that it could be guessed.
    #[error("a key of the proxy must have at least {MIN_KEY} characters")]
    Short,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    first: Zeroizing<String>,
    #[serde(default)]
    second: Zeroizing<String>,
}

impl EdgeKeys {
    /// Parses `{"first":"...","second":"..."}`, in which one key may be missing or empty.
    ///
    /// # Errors
    /// If `text` does not have this format, has no key, or has a key of fewer than 32 bytes.
    pub fn from_json(text: &str) -> Result<Self, InvalidEdgeKeys> {
        let Document { first, second } = serde_json::from_str(text).map_err(|_| InvalidEdgeKeys::Malformed)?;
        let keys: Vec<_> = [first, second].into_iter().filter(|key| !key.is_empty()).collect();
        if keys.is_empty() {
            return Err(InvalidEdgeKeys::Empty);
        }
        if keys.iter().any(|key| key.len() < MIN_KEY) {
            return Err(InvalidEdgeKeys::Short);
        }
        let tag_key = tag_key();
        let tags = keys.iter().map(|key| hmac::sign(&tag_key, key.as_bytes()));
        Ok(Self { tags: tags.collect() })
    }

    /// Returns whether `shown` is one of the keys. The time that this takes depends only on the length of `shown` and
    /// the number of keys.
    #[must_use]
    pub fn admit(&self, shown: &str) -> bool {
        let tag_key = tag_key();
        let is_this = |tag: &hmac::Tag| hmac::verify(&tag_key, shown.as_bytes(), tag.as_ref()).is_ok();
        self.tags.iter().fold(false, |found, tag| found | is_this(tag))
    }
}

fn tag_key() -> hmac::Key {
    hmac::Key::new(HMAC_SHA256, TAG_KEY)
}

/// The keys are secrets, so `Debug` does not show them.
impl fmt::Debug for EdgeKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EdgeKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const FIRST: &str = "0123456789abcdefghijklmnopqrstuv";
    const SECOND: &str = "vutsrqponmlkjihgfedcba9876543210";

    #[test]
    fn either_key_is_admitted_and_nothing_else() {
        let keys = EdgeKeys::from_json(&format!(r#"{{"first":"{FIRST}","second":"{SECOND}"}}"#)).unwrap();

        assert!(keys.admit(FIRST));
        assert!(keys.admit(SECOND));
        for other in [
            "",
            "0",
            &FIRST[1..],
            &FIRST.to_uppercase(),
            &format!("{FIRST},{SECOND}"),
            &format!("{FIRST}\0"),
        ] {
            assert!(!keys.admit(other), "{other:?}");
        }
    }

    #[rstest]
    #[case::without_second(r#"{"first":"0123456789abcdefghijklmnopqrstuv"}"#)]
    #[case::empty_second(r#"{"first":"0123456789abcdefghijklmnopqrstuv","second":""}"#)]
    #[case::without_first(r#"{"second":"0123456789abcdefghijklmnopqrstuv"}"#)]
    fn one_key_is_enough_and_a_missing_one_is_not_the_empty_one(#[case] text: &str) {
        let keys = EdgeKeys::from_json(text).unwrap();

        assert!(keys.admit(FIRST));
        assert!(!keys.admit(""));
    }

    #[rstest]
    #[case("", InvalidEdgeKeys::Malformed)]
    #[case("0123456789abcdefghijklmnopqrstuv", InvalidEdgeKeys::Malformed)]
    #[case(r#"{"first":1}"#, InvalidEdgeKeys::Malformed)]
    #[case(
        r#"{"first":"0123456789abcdefghijklmnopqrstuv","third":""}"#,
        InvalidEdgeKeys::Malformed
    )]
    #[case("{}", InvalidEdgeKeys::Empty)]
    #[case(r#"{"first":"","second":""}"#, InvalidEdgeKeys::Empty)]
    #[case(r#"{"first":"0123456789abcdefghijklmnopqrstu"}"#, InvalidEdgeKeys::Short)]
    #[case(
        r#"{"first":"0123456789abcdefghijklmnopqrstuv","second":"short"}"#,
        InvalidEdgeKeys::Short
    )]
    fn anything_else_is_refused_and_not_shown(#[case] text: &str, #[case] expected: InvalidEdgeKeys) {
        let fault = EdgeKeys::from_json(text).unwrap_err();

        assert_eq!(fault, expected);
        assert!(!fault.to_string().contains("0123"), "{fault}");
    }

    #[test]
    fn keys_are_not_shown() {
        let keys = EdgeKeys::from_json(&format!(r#"{{"first":"{FIRST}"}}"#)).unwrap();

        assert_eq!(format!("{keys:?}"), "EdgeKeys(..)");
    }
}
