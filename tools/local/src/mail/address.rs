//! The form of the addresses that SES accepts.

/// Returns whether SES accepts an address, either alone or as `Name <address>`. It accepts only ASCII: a domain with
/// other letters has to be in Punycode, and a name with other letters in an encoded word.
pub(super) fn is_accepted(text: &str) -> bool {
    let address = match text.strip_suffix('>').map(|rest| rest.rsplit_once('<')) {
        Some(Some((_, address))) => address,
        Some(None) => return false,
        None => text,
    };
    let is_plain = |part: &str| !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace());
    let has_parts = address
        .rsplit_once('@')
        .is_some_and(|(local, domain)| is_plain(local) && is_plain(domain) && !domain.contains(['<', '>', ',']));
    has_parts && text.is_ascii() && !text.contains(|letter: char| letter.is_control())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ada@example.com", true)]
    #[case("login@localhost", true)]
    #[case("Gatehouse <login@localhost>", true)]
    #[case("<ada@example.com>", true)]
    #[case("o'hara+tag@example.com", true)]
    #[case("ada@xn--bcher-kva.example", true)]
    #[case::empty("", false)]
    #[case::no_at("ada", false)]
    #[case::no_local_part("@example.com", false)]
    #[case::no_domain("ada@", false)]
    #[case::a_space("ada lovelace@example.com", false)]
    #[case::two("ada@example.com, grace@example.com", false)]
    #[case::unopened("ada@example.com>", false)]
    #[case::a_line_break("ada@example.com\r\nBcc: eve@example.com", false)]
    #[case::other_letters_in_the_name("Bücher <ada@example.com>", false)]
    #[case::other_letters_in_the_domain("ada@bücher.example", false)]
    fn an_address_has_a_local_part_and_a_domain_in_ascii(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_accepted(text), expected);
    }
}
