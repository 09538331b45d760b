//! How values and text are written, so that no value changes the form of a letter.

use std::borrow::Cow;

/// The maximum length of a line of text in characters, except if one word is longer. RFC 5322 s2.1.1 recommends at most
/// 78.
const WIDTH: usize = 76;

/// Returns the value on one line: each sequence of white space and control characters becomes one space, and there is
/// none at either end.
pub(crate) fn clean(value: &str) -> String {
    let words = value.split(|character: char| character.is_whitespace() || character.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Escapes a value for HTML text, and for an attribute in quotes.
pub(crate) fn escape_html(value: &str) -> Cow<'_, str> {
    if !value.contains(['&', '<', '>', '"', '\'']) {
        return value.into();
    }
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped.into()
}

/// Breaks the lines of each paragraph again, so that they are full but not longer than [`WIDTH`]. An empty line
/// separates paragraphs.
pub(crate) fn fill(text: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut width = 0_usize;
    let mut is_new_paragraph = true;
    for line in text.lines() {
        for word in line.split_whitespace() {
            let length = word.chars().count();
            let widened = width.saturating_add(length).saturating_add(1);
            if is_new_paragraph {
                filled.push_str(if filled.is_empty() { "" } else { "\n\n" });
                width = length;
            } else if widened > WIDTH {
                filled.push('\n');
                width = length;
            } else {
                filled.push(' ');
                width = widened;
            }
            filled.push_str(word);
            is_new_paragraph = false;
        }
        is_new_paragraph |= line.trim().is_empty();
    }
    filled.push('\n');
    filled
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Example", "Example")]
    #[case("  a \t b\r\nBcc: c ", "a b Bcc: c")]
    #[case("a\u{0}b\u{1b}[31m", "a b [31m")]
    #[case("a\u{2028}b\u{85}c", "a b c")]
    #[case("\n", "")]
    fn a_value_is_on_one_line(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(clean(value), expected);
    }

    #[rstest]
    #[case("https://a.example/b?c=d", "https://a.example/b?c=d")]
    #[case(
        "<a href=\"x\" title='y'>&amp;",
        "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"
    )]
    fn a_value_has_no_meaning_in_html(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(escape_html(value), expected);
    }

    #[test]
    fn paragraphs_are_filled_and_stay_apart() {
        let text = "\n\none\ntwo\n  three\n\n\n \nfour\n";

        assert_eq!(fill(text), "one two three\n\nfour\n");
    }

    #[test]
    fn a_line_is_as_long_as_it_may_be_and_a_long_word_has_its_own() {
        let (first, second) = ("ä".repeat(38), "ö".repeat(37));
        let link = format!("https://example.com/{}", "a".repeat(100));

        let filled = fill(&format!("{first} {second} b {link} {first} {second}o"));

        assert_eq!(filled, format!("{first} {second}\nb\n{link}\n{first}\n{second}o\n"));
        assert_eq!(filled.lines().next().unwrap().chars().count(), WIDTH);
    }
}
