//! Links and codes in the text of a mail.

/// The characters that end a sentence or a pair of brackets rather than belong to a link.
const PUNCTUATION: [char; 9] = ['.', ',', ';', ':', '!', '?', ')', ']', '\''];

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    /// A URL with http or https.
    Link(&'a str),
}

/// Splits a text into its links and what is between them.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((plain, link, after)) = next_link(rest) {
        pieces.extend([Piece::Plain(plain), Piece::Link(link)]);
        rest = after;
    }
    pieces.push(Piece::Plain(rest));
    pieces.retain(|piece| *piece != Piece::Plain(""));
    pieces
}

/// Returns the first link of a text.
pub(super) fn link(text: &str) -> Option<&str> {
    next_link(text).map(|(_, link, _)| link)
}

/// Returns the first code of a text: eight digits, or two groups of four with a space or a hyphen between them.
pub(super) fn code(text: &str) -> Option<&str> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Link(_) => None,
        Piece::Plain(plain) => plain.char_indices().find_map(|(start, _)| code_at(plain, start)),
    })
}

fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let starts = ["http://", "https://"].map(|scheme| text.find(scheme));
    let start = starts.into_iter().flatten().min()?;
    let (plain, rest) = text.split_at_checked(start)?;
    let is_end = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | '"');
    let link = rest.split(is_end).next()?.trim_end_matches(PUNCTUATION);
    let (link, after) = rest.split_at_checked(link.len())?;
    Some((plain, link, after))
}

/// Returns the code that starts at this byte, if there is one.
fn code_at(text: &str, start: usize) -> Option<&str> {
    let (before, rest) = text.split_at_checked(start)?;
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if before.ends_with(is_part) {
        return None;
    }
    [8, 9].into_iter().find_map(|length| {
        let (code, after) = rest.split_at_checked(length)?;
        let is_separator = |index: usize, byte: u8| length == 9 && index == 4 && matches!(byte, b' ' | b'-');
        let mut bytes = code.bytes().enumerate();
        let is_code = bytes.all(|(index, byte)| {
            let has_separator = length == 9 && index == 4;
            is_separator(index, byte) || (!has_separator && byte.is_ascii_digit())
        });
        (is_code && !after.starts_with(is_part)).then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Open http://localhost:3000/reset?token=a.b-c_d to go on",
        Some("http://localhost:3000/reset?token=a.b-c_d")
    )]
    #[case::at_the_end("Open https://a.example/b.", Some("https://a.example/b"))]
    #[case::in_brackets("(https://a.example/b)", Some("https://a.example/b"))]
    #[case::in_angle_brackets("<https://a.example/b>", Some("https://a.example/b"))]
    #[case::the_first("https://a.example http://b.example", Some("https://a.example"))]
    #[case::no_web_link("mailto:ada@example.com", None)]
    #[case::none("Nothing", None)]
    fn a_link_ends_before_the_punctuation(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(link(text), expected);
    }

    #[rstest]
    #[case("Your code is 12345678.", Some("12345678"))]
    #[case::in_groups("Your code: 1234 5678\n", Some("1234 5678"))]
    #[case::with_a_hyphen("1234-5678", Some("1234-5678"))]
    #[case::seven("1234567", None)]
    #[case::nine("123456789", None)]
    #[case::three_groups("1234-5678-9012", None)]
    #[case::a_date("2026-11-26 20:15 UTC", None)]
    #[case::in_a_word("a12345678", None)]
    #[case::in_a_link("https://a.example/12345678", None)]
    #[case::after_a_link("https://a.example/1\n\nOr type ü 12345678", Some("12345678"))]
    #[case::none("Nothing", None)]
    fn a_code_has_eight_digits(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(code(text), expected);
    }

    #[test]
    fn the_pieces_of_a_text_are_the_whole_text() {
        let text = "A http://a.example, B https://b.example";

        let pieces = pieces(text);

        assert_eq!(
            pieces,
            [
                Piece::Plain("A "),
                Piece::Link("http://a.example"),
                Piece::Plain(", B "),
                Piece::Link("https://b.example")
            ]
        );
    }
}
