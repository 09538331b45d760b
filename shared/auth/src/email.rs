//! Email addresses: what the user typed, and the form under which they are found.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// The longest address in bytes (RFC 5321 s4.5.3.1.3, less the angle brackets).
const MAX_LENGTH: usize = 254;

/// An email address. Two that differ only in case, width or surrounding white space are the same user's.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    typed: String,
    normalised: String,
}

/// An address that is not one `@` with something on both sides, has white space or control characters inside, or is
/// longer than 254 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an email address has one @ with something on both sides, no spaces or control characters, and at most {MAX_LENGTH} bytes"
)]
pub struct InvalidEmail;

impl Email {
    /// Reads an address as a user types it.
    ///
    /// # Errors
    /// When it has not exactly one `@` with something on both sides, has white space or control characters inside, or
    /// is longer than 254 bytes, as typed or normalised.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let typed = text.trim();
        if typed.len() > MAX_LENGTH {
            return Err(InvalidEmail);
        }
        let normalised: String = typed.nfkc().collect::<String>().to_lowercase().nfkc().collect();
        let (local, domain) = normalised.split_once('@').ok_or(InvalidEmail)?;
        let plain = |character: char| !character.is_whitespace() && !character.is_control();
        let sound = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        (sound && normalised.len() <= MAX_LENGTH && normalised.chars().all(plain))
            .then(|| Self {
                typed: typed.to_owned(),
                normalised: normalised.clone(),
            })
            .ok_or(InvalidEmail)
    }

    /// The address as typed, without surrounding white space: what is stored for show.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The address in NFKC and lower case: what is looked up.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

/// Addresses are personal data: `Debug` does not show them.
impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Email(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_look_the_same_are_the_same() {
        for same in [
            " Ada@Example.com ",
            "ada@example.com",
            "ADA@EXAMPLE.COM",
            "ａｄａ@example.com",
        ] {
            assert_eq!(Email::parse(same).unwrap().normalised(), "ada@example.com", "{same}");
        }
        assert_eq!(Email::parse(" Ada@Example.com ").unwrap().typed(), "Ada@Example.com");
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        for text in ["İ@example.com", "ẞ@example.com", "ﬁ@example.com", "K@x"] {
            let once = Email::parse(text).unwrap();
            let twice = Email::parse(once.normalised()).unwrap();

            assert_eq!(once.normalised(), twice.normalised());
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
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
            &long,
        ] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail), "{bad:?}");
        }
    }
}
