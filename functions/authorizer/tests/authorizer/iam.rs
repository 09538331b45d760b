//! An implementation of IAM's evaluation of policies, for the tests: an explicit Deny takes precedence over every
//! Allow, everything else that is not allowed is denied, `*` matches any string, and `?` matches one character.

use std::{collections::BTreeSet, iter};

use serde_json::Value;

/// Returns whether a policy document allows a call with this ARN.
pub(crate) fn allows(document: &Value, arn: &str) -> bool {
    let names = |effect: &str| {
        document["Statement"].as_array().unwrap().iter().any(|statement| {
            assert_eq!(statement["Action"], "execute-api:Invoke");
            let resources = statement["Resource"].as_array().unwrap();
            statement["Effect"] == effect && resources.iter().any(|pattern| covers(pattern.as_str().unwrap(), arn))
        })
    };
    names("Allow") && !names("Deny")
}

/// Returns whether a pattern covers a string. The function goes through the string character by character, and keeps
/// every remainder of the pattern that the rest of the string may still match.
pub(crate) fn covers(pattern: &str, text: &str) -> bool {
    let mut left = past_stars(pattern);
    for character in text.chars() {
        left = left
            .into_iter()
            .filter_map(|rest| past(rest, character))
            .flat_map(past_stars)
            .collect();
    }
    left.contains("")
}

/// Returns what is left of a pattern after it matches a character, or `None` if it does not match the character.
fn past(pattern: &str, character: char) -> Option<&str> {
    let mut rest = pattern.chars();
    match rest.next()? {
        '*' => Some(pattern),
        '?' => Some(rest.as_str()),
        literal => (literal == character).then_some(rest.as_str()),
    }
}

/// Returns the pattern itself, and every remainder that is left after its leading stars are removed one by one, because
/// a star also matches an empty string.
fn past_stars(pattern: &str) -> BTreeSet<&str> {
    iter::successors(Some(pattern), |rest| rest.strip_prefix('*')).collect()
}

#[test]
fn a_pattern_covers_what_iam_documents() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("*", "anything/at/all", true),
        ("a/*", "a/b/c", true),
        ("a/*/c", "a/b/d/c", true),
        ("a/*/c", "a/c", false),
        ("a/?", "a/b", true),
        ("a/?", "a/", false),
        ("**a", "ba", true),
        ("a/*", "b/a/", false),
    ] {
        assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
    }
}
