//! Email addresses: as the user typed them, and in the normal form under which they are found.

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization as _;

use crate::user::is_invisible;

/// The maximum length of an address in bytes (RFC 5321 s4.5.3.1.3, less the angle brackets).
const MAX_LENGTH: usize = 254;

/// An email address. Two addresses belong to the same user if they differ only in case, width or surrounding white
/// space, in the spelling of a domain with non-ASCII letters (UTS 46), or in a dot at the end of the domain.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    typed: String,
    normalised: String,
}

/// The string is not a valid address. It contains white space, control or invisible characters, has an invalid domain,
/// is longer than 254 bytes, or does not have exactly one `@` with something on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an email address has one @ with something on both sides, no spaces, no control or invisible characters, and at most {MAX_LENGTH} bytes"
)]
pub struct InvalidEmail;

impl Email {
    /// Parses an address as a user types it.
    ///
    /// # Errors
    /// If the address contains white space, control or invisible characters, has an invalid domain (UTS 46), is longer
    /// than 254 bytes as typed or normalised, or does not have exactly one `@` with something on both sides.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let typed = text.trim();
        if typed.len() > MAX_LENGTH || !is_plain(typed) {
            return Err(InvalidEmail);
        }
        let normalised = if typed.is_ascii() {
            normalise_ascii(typed)?
        } else {
            normalise(typed)?
        };
        (normalised.len() <= MAX_LENGTH && is_plain(&normalised))
            .then(|| Self {
                typed: typed.to_owned(),
                normalised,
            })
            .ok_or(InvalidEmail)
    }

    /// Returns the address as typed, without surrounding white space. It is stored for display.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Returns the address in its normal form, which is used for lookups: the local part in NFKC and lower case, and
    /// the domain as in DNS.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// Returns the domain in the form of DNS.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.normalised.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Normalises an ASCII address as [`normalise`] does, but uses the Unicode tables only if the domain has Punycode.
fn normalise_ascii(typed: &str) -> Result<String, InvalidEmail> {
    let lower = typed.to_ascii_lowercase();
    let (local, domain) = split(&lower)?;
    if domain.split('.').any(|label| label.starts_with("xn--")) {
        return Ok(format!("{local}@{}", normalise_domain(domain)?));
    }
    Ok(format!("{local}@{domain}"))
}

fn normalise(typed: &str) -> Result<String, InvalidEmail> {
    let compatible: String = typed.nfkc().collect();
    let (local, domain) = split(&compatible)?;
    let local: String = local.to_lowercase().nfkc().collect();
    let domain = normalise_domain(domain)?;
    // Normalisation can turn other characters into an @ or a dot, so the address is split again.
    split(&format!("{local}@{domain}")).map(|(local, domain)| format!("{local}@{domain}"))
}

/// Returns the parts before and after the only `@`. A dot at the end of the domain is removed.
fn split(address: &str) -> Result<(&str, &str), InvalidEmail> {
    let (local, domain) = address.split_once('@').ok_or(InvalidEmail)?;
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let is_sound = !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.ends_with('.');
    is_sound.then_some((local, domain)).ok_or(InvalidEmail)
}

/// Returns a domain as in DNS (UTS 46, `ToASCII`): in lower case, with non-ASCII letters in Punycode.
fn normalise_domain(domain: &str) -> Result<String, InvalidEmail> {
    let ascii = Uts46::new().to_ascii(
        domain.as_bytes(),
        AsciiDenyList::EMPTY,
        Hyphens::Allow,
        DnsLength::Ignore,
    );
    ascii.map(String::from).map_err(|_| InvalidEmail)
}

fn is_plain(address: &str) -> bool {
    let is_plain = |character: char| !character.is_whitespace() && !character.is_control() && !is_invisible(character);
    address.chars().all(is_plain)
}

/// An address is personal data, so `Debug` does not show it.
impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Email(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::case_width_and_white_space("ada@example.com", &[
        " Ada@Example.com ", "ADA@EXAMPLE.COM", "\u{ff41}\u{ff44}\u{ff41}@example.com", "ada\u{ff20}example.com",
        "ada@\u{ff25}xample.com",
    ])]
    #[case::the_root_at_the_end("ada@example.com", &["ada@example.com.", "ada@example\u{3002}com", "ada@example.com\u{ff0e}"])]
    #[case::letters_of_a_domain("ada@xn--bcher-kva.example", &[
        "ada@b\u{fc}cher.example", "ada@bu\u{308}cher.example", "ada@B\u{dc}CHER.example", "Ada@XN--BCHER-KVA.example.",
        "ada@b\u{fc}cher\u{3002}example",
    ])]
    #[case::another_script("ada@xn--jxalpdlp.example", &["ada@\u{3b4}\u{3bf}\u{3ba}\u{3b9}\u{3bc}\u{3ae}.example"])]
    #[case::letters_of_a_name("j\u{f6}rg@example.com", &["jo\u{308}rg@example.com", "J\u{d6}RG@example.com"])]
    fn addresses_that_look_the_same_are_the_same(#[case] normalised: &str, #[case] spellings: &[&str]) {
        assert_eq!(Email::parse(normalised).unwrap().normalised(), normalised);
        for spelling in spellings {
            let email = Email::parse(spelling).unwrap();

            assert_eq!(email.normalised(), normalised, "{spelling}");
            assert_eq!(email.typed(), spelling.trim());
        }
    }

    #[test]
    fn addresses_that_differ_are_others() {
        for [one, other] in [
            ["ada@b\u{fc}cher.example", "ada@bucher.example"],
            ["ada@stra\u{df}e.example", "ada@strasse.example"],
            ["a.da@example.com", "ada@example.com"],
            ["ada+x@example.com", "ada@example.com"],
        ] {
            let normalised = |text| Email::parse(text).unwrap().normalised().to_owned();

            assert_ne!(normalised(one), normalised(other));
        }
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        for text in [
            "\u{130}@example.com",
            "\u{1e9e}@example.com",
            "\u{fb01}@example.com",
            "\u{212a}@x",
        ] {
            let once = Email::parse(text).unwrap();
            let twice = Email::parse(once.normalised()).unwrap();

            assert_eq!(once.normalised(), twice.normalised());
        }
    }

    #[test]
    fn invisible_characters_are_refused_everywhere() {
        for invisible in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{e0061}',
        ] {
            for address in [
                format!("a{invisible}da@example.com"),
                format!("ada@exam{invisible}ple.com"),
                format!("{invisible}ada@example.com"),
                format!("ada@example.com{invisible}"),
                format!("ada{invisible}@b\u{fc}cher.example"),
            ] {
                assert_eq!(
                    Email::parse(&address),
                    Err(InvalidEmail),
                    "{}",
                    address.escape_unicode()
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn an_address_in_its_one_spelling_is_its_own(text in "\\PC{1,12}@\\PC{1,12}(\\.\\PC{1,5})?") {
            if let Ok(once) = Email::parse(&text) {
                let twice = Email::parse(once.normalised()).unwrap();

                prop_assert_eq!(once.normalised(), twice.normalised());
            }
        }

        #[test]
        fn an_ascii_address_is_what_the_tables_make_of_it(text in "[!-~]{1,12}@[!-?A-~]{1,12}(\\.[!-?A-~]{1,8}){0,2}\\.?") {
            let quickly = normalise_ascii(&text);

            // `normalise` refuses some domains that `normalise_ascii` accepts. DNS cannot have such domains.
            if let Ok(slowly) = normalise(&text) {
                prop_assert_eq!(quickly, Ok(slowly));
            }
        }

        #[test]
        fn every_spelling_of_a_domain_is_one_user(label in "[a-z\u{e0}-\u{f6}\u{3b1}-\u{3c1}]{1,10}") {
            let unicode = format!("ada@{label}.example");
            let decomposed: String = unicode.nfd().collect();
            let Ok(email) = Email::parse(&unicode) else { return Ok(()) };

            for spelling in [&decomposed, &unicode.to_uppercase(), &format!("{unicode}."), email.normalised()] {
                let spelled = Email::parse(spelling).unwrap();

                prop_assert_eq!(spelled.normalised(), email.normalised());
            }
        }
    }

    #[test]
    fn an_invalid_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(243));
        for bad in [
            "",
            "ada",
            "@",
            "ada@",
            "@example.com",
            "a@b@c",
            "a b@c",
            "a\n@b",
            "a\u{0}@b",
            "ada@.",
            "ada@example.com..",
            "ada@xn--a",
            "ada@xn--\u{fc}.example",
            "ada@b\u{fc}cher\u{378}.example",
            &long,
        ] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail), "{bad:?}");
        }
    }
}
