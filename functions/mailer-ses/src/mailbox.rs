//! The sender in the form that a header has. SES takes ASCII only.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The maximum length of an encoded word is 75 characters (RFC 2047 s2). What stands around the Base64 takes 12, and 45
/// bytes become 60 characters.
const WORD: usize = 45;

/// Encodes a sender, such as `Example <login@example.com>`, for the `From` header (RFC 5322 s3.4). The name becomes a
/// quoted string, or encoded words if it is not ASCII. Quotation marks around the name are not part of it. A sender
/// that is only an address stays as it is.
pub(crate) fn encode_mailbox(from: &str) -> String {
    let Some((name, address)) = from.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) else {
        return from.trim().to_owned();
    };
    let name = plain_name(name);
    if name.is_empty() {
        address.to_owned()
    } else if name.is_ascii() {
        format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("{} <{address}>", encoded_words(&name))
    }
}

/// Returns a name without quotation marks around it and without control characters.
fn plain_name(name: &str) -> String {
    let name = name.trim();
    let quoted = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let name = quoted.map_or_else(|| name.to_owned(), unescape);
    let words = name.split(|character: char| character.is_whitespace() || character.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Replaces each quoted pair by its second character (RFC 5322 s3.2.1).
fn unescape(quoted: &str) -> String {
    let mut is_escaped = false;
    let kept = quoted.chars().filter(|character| {
        is_escaped = *character == '\\' && !is_escaped;
        !is_escaped
    });
    kept.collect()
}

/// Returns the name as encoded words. A character is never split between two words (RFC 2047 s5).
fn encoded_words(name: &str) -> String {
    let mut parts = vec![String::new()];
    for character in name.chars() {
        match parts.last_mut() {
            Some(last) if last.len().saturating_add(character.len_utf8()) <= WORD => last.push(character),
            _ => parts.push(character.to_string()),
        }
    }
    let words = parts
        .iter()
        .map(|part| format!("=?UTF-8?B?{}?=", STANDARD.encode(part)));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("login@example.com", "login@example.com")]
    #[case("<login@example.com>", "login@example.com")]
    #[case("Example <login@example.com>", "\"Example\" <login@example.com>")]
    #[case("Example, Inc. <login@example.com>", "\"Example, Inc.\" <login@example.com>")]
    #[case("\"Example, Inc.\" <login@example.com>", "\"Example, Inc.\" <login@example.com>")]
    #[case("\"A \\\"b\\\" \\\\ c\" <a@b.c>", "\"A \\\"b\\\" \\\\ c\" <a@b.c>")]
    #[case("Example\r\nBcc: x <a@b.c>", "\"Example Bcc: x\" <a@b.c>")]
    #[case("B\u{fc}cher <a@b.c>", "=?UTF-8?B?QsO8Y2hlcg==?= <a@b.c>")]
    #[case("\"B\u{fc}cher\" <a@b.c>", "=?UTF-8?B?QsO8Y2hlcg==?= <a@b.c>")]
    fn a_sender_is_a_mailbox(#[case] from: &str, #[case] expected: &str) {
        assert_eq!(encode_mailbox(from), expected);
    }

    #[test]
    fn a_long_name_is_split_between_characters() {
        let name = format!("{}a{}", "\u{fc}".repeat(40), "\u{1f5dd}".repeat(30));

        let encoded = encode_mailbox(&format!("{name} <a@b.c>"));

        let words = encoded.strip_suffix(" <a@b.c>").unwrap().split(' ');
        let decoded = words.map(|word| {
            assert!(word.len() <= 75, "{word}");
            let base64 = word.strip_prefix("=?UTF-8?B?").unwrap().strip_suffix("?=").unwrap();
            String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
        });
        assert_eq!(decoded.collect::<String>(), name);
    }
}
