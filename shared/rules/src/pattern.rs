//! Patterns as IAM reads them: a `*` stands for any text, including slashes.

use std::{collections::BTreeSet, ops::Range};

/// A wildcard for any text without a slash. No policy contains it. In the path of a rule or a route, this character
/// only starts a parameter.
pub(crate) const SEGMENT: char = '{';

/// A wildcard for any method. Unlike a `*`, it does not span slashes.
pub(crate) const ANY_METHOD: &str = "{";

/// A pattern, and where its literal is. Comparing the literal first decides most comparisons.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    /// The place of the literal before the first wildcard, or after [`ANY_METHOD`].
    literal: Range<usize>,
}

impl Pattern {
    pub(crate) fn new(text: String) -> Self {
        let start = if text.starts_with(ANY_METHOD) {
            ANY_METHOD.len()
        } else {
            0
        };
        let wild = text.bytes().skip(start).position(is_wild);
        let end = wild.map_or(text.len(), |wild| start.saturating_add(wild));
        Self {
            text,
            literal: start..end,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether the pattern covers the whole of `text`.
    pub(crate) fn covers(&self, text: &str) -> bool {
        let rest = if self.has_any_method() { from_slash(text) } else { text };
        rest.as_bytes().starts_with(self.literal()) && covers(&self.text, text)
    }

    /// Returns whether there is a string that both patterns cover.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let is_path = self.has_any_method() || other.has_any_method();
        let [one, another] = [self, other].map(|pattern| {
            let whole = pattern.literal();
            let slash = whole.iter().position(|byte| is_path && *byte == b'/');
            let path = slash.and_then(|slash| whole.get(slash..)).unwrap_or_default();
            if is_path { path } else { whole }
        });
        let length = one.len().min(another.len());
        one.get(..length) == another.get(..length) && intersect(&self.text, &other.text)
    }

    fn has_any_method(&self) -> bool {
        self.literal.start > 0
    }

    fn literal(&self) -> &[u8] {
        self.text.as_bytes().get(self.literal.clone()).unwrap_or_default()
    }
}

/// Returns the path after the method.
fn from_slash(text: &str) -> &str {
    text.find('/').and_then(|slash| text.get(slash..)).unwrap_or_default()
}

/// Returns the pattern of a rule or a route. It is the part of an ARN after the stage, `<method>/<path>`:
/// `GET/reports/*`.
pub(crate) fn from_route(method: &str, path: &str) -> String {
    let method = if method == "ANY" { "*" } else { method };
    let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(_) => "*",
        None => segment,
    });
    method.to_owned() + &segments.collect::<Vec<_>>().join("/")
}

/// Returns whether a pattern, which may begin with [`ANY_METHOD`], covers the whole of `text`.
pub(crate) fn covers(pattern: &str, text: &str) -> bool {
    if let Some(path) = pattern.strip_prefix(SEGMENT) {
        let slash = text.find('/').and_then(|slash| text.get(slash..));
        return slash.is_some_and(|text| covers(path, text));
    }
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(inner) = text.strip_prefix(head).and_then(|text| text.strip_suffix(tail)) else {
        return false;
    };
    let mut left = Some(inner);
    for literal in middle.split('*') {
        left = left.and_then(|text| text.split_once(literal)).map(|(_, after)| after);
    }
    left.is_some()
}

/// Returns whether there is a string that both patterns cover.
pub(crate) fn intersect(one: &str, other: &str) -> bool {
    let is_same_literal = |(one, other): &(u8, u8)| one == other && !is_wild(*one);
    let same = one.bytes().zip(other.bytes()).take_while(is_same_literal).count();
    let rests = (one.as_bytes().get(same..), other.as_bytes().get(same..));
    let (one, other) = (rests.0.unwrap_or_default(), rests.1.unwrap_or_default());
    // Most patterns differ in a literal, so that nothing has to be searched.
    if let (Some(byte), Some(another)) = (one.first(), other.first())
        && !is_wild(*byte)
        && !is_wild(*another)
    {
        return false;
    }
    let mut seen = BTreeSet::new();
    let mut open = vec![(one, other)];
    while let Some((one, other)) = open.pop() {
        if !seen.insert((one.len(), other.len())) {
            continue;
        }
        match (one.split_first(), other.split_first()) {
            (None, None) => return true,
            (Some((wild, rest)), next) if is_wild(*wild) => {
                open.push((rest, other));
                open.extend(
                    next.filter(|(byte, _)| wildcard_covers(*wild, **byte))
                        .map(|(_, after)| (one, after)),
                );
            }
            (next, Some((wild, rest))) if is_wild(*wild) => {
                open.push((one, rest));
                open.extend(
                    next.filter(|(byte, _)| wildcard_covers(*wild, **byte))
                        .map(|(_, after)| (after, other)),
                );
            }
            (Some((same, rest)), Some((byte, after))) if same == byte => open.push((rest, after)),
            _ => {}
        }
    }
    false
}

fn is_wild(byte: u8) -> bool {
    byte == b'*' || char::from(byte) == SEGMENT
}

/// Returns whether a wildcard may cover this byte, which may itself be a wildcard.
fn wildcard_covers(wild: u8, byte: u8) -> bool {
    wild == b'*' || byte != b'/'
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("GET/reports", "GET/reports", true)]
    #[case("GET/reports", "GET/reports/", false)]
    #[case("GET/reports", "GET/report", false)]
    #[case("GET/reports/*", "GET/reports/7", true)]
    #[case("GET/reports/*", "GET/reports/7/lines", true)]
    #[case("GET/reports/*", "GET/reports/", true)]
    #[case("GET/reports/*", "GET/reports", false)]
    #[case("GET/a/*/b", "GET/a/b", false)]
    #[case("GET/a/*/b", "GET/a//b", true)]
    #[case("GET/a/*/b", "GET/a/x/b/b", true)]
    #[case("GET/a/*/b/*/c", "GET/a/b/c", false)]
    #[case("GET/a/*/b/*/c", "GET/a/x/b/y/c", true)]
    #[case("GET/a/*/b/*/c", "GET/a/x/y/c", false)]
    #[case("*/reports", "GET/reports", true)]
    #[case("*/reports", "GET/of/mine/reports", true)]
    #[case("*/a/*/b", "POST/a/1/b", true)]
    #[case("*/a/*/b", "POST/a/1/c", false)]
    #[case("*", "", true)]
    #[case("{/admin/*", "GET/admin/users", true)]
    #[case("{/admin/*", "GET/files/admin/users", false)]
    #[case("{/admin", "GET", false)]
    fn a_star_covers_any_text(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(covers(pattern, text), expected);
        assert_eq!(Pattern::new(pattern.to_owned()).covers(text), expected);
    }

    #[rstest]
    #[case("GET/a", "GET/a", true)]
    #[case("GET/a", "GET/b", false)]
    #[case("GET/a", "POST/a", false)]
    #[case("GET/a/*", "GET/a/b", true)]
    #[case("GET/a/*", "GET/a/b/*", true)]
    #[case("GET/a/*", "GET/a", false)]
    #[case("GET/a/*/c", "GET/a/b/*", true)]
    #[case("GET/a/*/c", "GET/a/*/d", false)]
    #[case("*/a", "GET/b/a", true)]
    #[case("*/a", "GET/a/b", false)]
    #[case("*/a/*", "*/b", true)]
    #[case("*", "", true)]
    #[case("GET/{", "GET/a", true)]
    #[case("GET/{", "GET/a/b", false)]
    #[case("GET/{", "GET/*", true)]
    #[case("GET/{", "GET/*/b", false)]
    #[case("GET/{/b", "GET/*/b", true)]
    #[case("{/b", "*/b", true)]
    #[case("{/b", "*/a/b", false)]
    #[case("{/b", "GET/b", true)]
    #[case("GET/{/{", "GET/a/{", true)]
    fn two_patterns_overlap_if_both_cover_a_text(#[case] one: &str, #[case] other: &str, #[case] expected: bool) {
        assert_eq!(intersect(one, other), expected);
        assert_eq!(intersect(other, one), expected);
        let [one, other] = [one, other].map(|text| Pattern::new(text.to_owned()));
        assert_eq!(one.intersects(&other), expected);
        assert_eq!(other.intersects(&one), expected);
    }

    proptest! {
        #[test]
        fn a_literal_that_is_compared_first_changes_nothing(
            one in "(\\{|[*]|[AB])(/[ab*{]{0,2}){0,3}",
            other in "(\\{|[*]|[AB])(/[ab*{]{0,2}){0,3}",
            text in "[AB]?(/[ab{]{0,2}){0,3}",
        ) {
            let [pattern, another] = [&one, &other].map(|text| Pattern::new(text.clone()));

            prop_assert_eq!(pattern.covers(&text), covers(&one, &text));
            prop_assert_eq!(pattern.intersects(&another), intersect(&one, &other));
        }
    }
}
