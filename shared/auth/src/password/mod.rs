//! Passwords as users type them: normalised, limited in length, and wiped from memory after use.

mod cost;
mod current;
mod form;
mod hash;
mod hasher;
mod obvious;
mod ports;
mod rule;
mod scratch;
mod stored;
mod unusable;
mod upgrade;

pub use cost::HashCost;
pub(crate) use current::{Asker, CurrentPasswordError, check_current};
pub use form::PasswordForm;
pub use hash::PasswordHash;
pub use hasher::{HashError, Hasher, Salt};
pub use ports::{FindPassword, FindPasswords, PasswordRecord, UpgradeHash};
pub use rule::PasswordRule;
pub use unusable::UnusableHash;
pub use upgrade::HashUpgrade;
pub(crate) use upgrade::upgrade;

use std::fmt;

use claims::Span;
use rand::CryptoRng;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use self::obvious::obvious_reason;
use crate::user::Email;

/// The maximum length of a password in NFC, in bytes. A longer password is refused before hashing and never truncated.
const MAX_LENGTH: usize = 1024;
/// How long after a change of password the same request counts as a retry. The answer to the first request may have
/// been lost.
pub(crate) const RETRY: Span = Span::seconds(60);
/// The alphabet of generated passwords: letters and digits that cannot be confused with each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// The number of groups of characters in a generated password. At 5 bits per character, the password has 100 random
/// bits.
const GROUPS: usize = 5;
/// The number of characters in each group of a generated password.
const GROUP: usize = 4;

/// A password in Unicode NFC, and in the other forms in which another system may have hashed it. `Debug` does not show
/// it, and its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Password {
    nfc: Zeroizing<String>,
    /// The password as typed and in NFKC, if these differ from NFC. For most passwords, they do not.
    others: Vec<Zeroizing<String>>,
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// The password is empty.
    #[error("a password cannot be empty")]
    Empty,
    /// The password has more than 1,024 bytes.
    #[error("a password has at most {MAX_LENGTH} bytes")]
    TooLong,
    /// A new password has too few characters (NIST SP 800-63B-4 s3.1.1.2).
    #[error("a new password has at least {least} characters")]
    TooShort {
        /// The minimum number of characters.
        least: usize,
    },
    /// Many other people use this new password.
    #[error("this password is one of the most common ones: choose another")]
    Common,
    /// The new password is made of the user's own address.
    #[error("this password is made of your own address: choose another")]
    OwnAddress,
    /// The new password is made of the service's names.
    #[error("this password is made of the name of this service: choose another")]
    ServiceName,
    /// The new password consists of one repeated word.
    #[error("this password is one repeated word: choose another")]
    Repeated,
    /// The new password is made of characters that are neighbours on the keyboard or in the alphabet.
    #[error("this password is made of neighbouring keys or letters: choose another")]
    Keyboard,
}

impl Password {
    /// Parses a password for a login.
    ///
    /// # Errors
    /// If the password is empty or longer than 1,024 bytes in NFC.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        if text.len() > MAX_LENGTH.saturating_mul(3) {
            return Err(InvalidPassword::TooLong);
        }
        let nfc = collect(text.nfc());
        match nfc.len() {
            0 => Err(InvalidPassword::Empty),
            1..=MAX_LENGTH => Ok(Self {
                others: other_forms(text, &nfc),
                nfc,
            }),
            _ => Err(InvalidPassword::TooLong),
        }
    }

    /// Parses a new password and checks it against a rule. `email` is the user's address, if it is known.
    ///
    /// # Errors
    /// If the password is empty, shorter than the rule requires, longer than 1,024 bytes, common, or made of the
    /// address, of the service's names, of one repeated word or of rows of the keyboard.
    pub fn choose(text: &str, rule: &PasswordRule, email: Option<&Email>) -> Result<Self, InvalidPassword> {
        let password = Self::parse(text)?;
        let least = rule.min_length;
        if password.nfc.chars().count() < least {
            Err(InvalidPassword::TooShort { least })
        } else if (rule.is_common)(&password.nfc) {
            Err(InvalidPassword::Common)
        } else {
            obvious_reason(&password.nfc, email, &rule.service_names).map_or(Ok(password), Err)
        }
    }

    /// Returns a new random password of 100 bits, to be shown once. It is not checked against a rule, because nobody
    /// else has it and nobody can guess it.
    pub fn generate(rng: &mut impl CryptoRng) -> Zeroizing<String> {
        let mut random = Zeroizing::new([0; GROUPS * GROUP]);
        rng.fill_bytes(random.as_mut());
        let groups: Vec<String> = random
            .chunks(GROUP)
            .map(|group| group.iter().map(|byte| letter(*byte)).collect())
            .collect();
        Zeroizing::new(groups.join("-"))
    }

    /// Returns the bytes to hash, which are the NFC form.
    pub(crate) fn expose(&self) -> &[u8] {
        self.nfc.as_bytes()
    }

    /// Returns the forms that this or another system may have hashed, each once: first NFC, then the password as typed,
    /// then NFKC. There are one to three of them, and their number depends only on the password.
    pub(crate) fn forms(&self) -> impl Iterator<Item = &[u8]> {
        let others = self.others.iter().map(|form| form.as_bytes());
        std::iter::once(self.expose()).chain(others)
    }
}

/// Returns the forms of a password other than NFC, each once.
fn other_forms(text: &str, nfc: &str) -> Vec<Zeroizing<String>> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut others = vec![collect(text.chars()), collect(text.nfkc())];
    others.dedup();
    others.retain(|form| **form != nfc);
    others
}

/// Collects characters into a string that is allocated in its full length. If the string grew, the memory that it left
/// behind would not be wiped.
fn collect(characters: impl Iterator<Item = char> + Clone) -> Zeroizing<String> {
    let length = characters.clone().map(char::len_utf8).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    text.extend(characters);
    text
}

/// Returns the character of the alphabet for a random byte. Each of the 32 is equally likely, since 32 divides 256.
fn letter(byte: u8) -> char {
    ALPHABET.get(usize::from(byte % 32)).copied().map_or('x', char::from)
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use rstest::rstest;

    use super::*;

    const RULE: PasswordRule = PasswordRule {
        min_length: 15,
        is_common: |_| false,
        service_names: Vec::new(),
    };

    #[test]
    fn the_same_password_typed_on_two_keyboards_is_the_same() {
        let composed = Password::parse("caf\u{e9}").unwrap();
        let decomposed = Password::parse("cafe\u{301}").unwrap();

        assert_eq!(composed.expose(), decomposed.expose());
    }

    #[rstest]
    #[case::ascii("correct horse", &["correct horse"])]
    #[case::composed("caf\u{e9}", &["caf\u{e9}"])]
    #[case::decomposed("cafe\u{301}", &["caf\u{e9}", "cafe\u{301}"])]
    #[case::compatible("\u{fb01}sh", &["\u{fb01}sh", "fish"])]
    #[case::all_three("\u{fb01}she\u{301}", &["\u{fb01}sh\u{e9}", "\u{fb01}she\u{301}", "fish\u{e9}"])]
    #[case::never_composed("\u{212b}", &["\u{c5}", "\u{212b}"])]
    fn a_password_has_the_forms_that_others_may_have_hashed(#[case] typed: &str, #[case] forms: &[&str]) {
        let password = Password::parse(typed).unwrap();

        let found: Vec<&[u8]> = password.forms().collect();

        assert_eq!(found, forms.iter().map(|form| form.as_bytes()).collect::<Vec<_>>());
    }

    #[test]
    fn case_and_white_space_are_kept() {
        assert_eq!(Password::parse(" Secret ").unwrap().expose(), b" Secret ");
    }

    #[test]
    fn too_long_is_refused_and_never_truncated() {
        assert!(Password::parse(&"a".repeat(1024)).is_ok());
        for length in [1025, 3073, 100_000] {
            assert_eq!(
                Password::parse(&"a".repeat(length)).unwrap_err(),
                InvalidPassword::TooLong
            );
        }
        assert_eq!(Password::parse("").unwrap_err(), InvalidPassword::Empty);
    }

    #[test]
    fn a_new_password_has_fifteen_characters_of_any_kind() {
        assert!(Password::choose("éèêàâ öüä ñçåøæ", &RULE, None).is_ok());
        assert_eq!(
            Password::choose("éèêàâ öüä ñçåø", &RULE, None).unwrap_err(),
            InvalidPassword::TooShort { least: 15 }
        );
    }

    #[test]
    fn characters_are_counted_as_they_are_hashed() {
        let decomposed = "e\u{301}".repeat(14);

        let outcome = Password::choose(&decomposed, &RULE, None);

        assert_eq!(outcome.unwrap_err(), InvalidPassword::TooShort { least: 15 });
    }

    #[test]
    fn the_rule_sets_the_minimum_length() {
        let rule = PasswordRule { min_length: 8, ..RULE };

        assert!(Password::choose("8 is now", &rule, None).is_ok());
        assert!(Password::choose("7 is no", &rule, None).is_err());
    }

    #[test]
    fn a_new_password_is_not_a_common_one_however_it_was_typed() {
        for typed in ["caf\u{e9} caf\u{e9} caf\u{e9}", "cafe\u{301} cafe\u{301} cafe\u{301}"] {
            let rule = PasswordRule {
                min_length: 8,
                is_common: |password| password == "caf\u{e9} caf\u{e9} caf\u{e9}",
                ..RULE
            };

            assert_eq!(
                Password::choose(typed, &rule, None).unwrap_err(),
                InvalidPassword::Common
            );
            assert!(Password::parse(typed).is_ok());
        }
    }

    #[test]
    fn a_new_password_must_not_contain_the_address_or_the_service() {
        let rule = PasswordRule {
            service_names: vec!["login.engines.example".to_owned()],
            ..RULE
        };
        let ada = Email::parse("ada.lovelace@analytical.example").unwrap();

        for (text, error) in [
            ("ada lovelace 1815", InvalidPassword::OwnAddress),
            ("login.engines.example", InvalidPassword::ServiceName),
            ("monkey monkey monkey", InvalidPassword::Repeated),
            ("qwertyuiopasdfghjkl", InvalidPassword::Keyboard),
        ] {
            assert_eq!(Password::choose(text, &rule, Some(&ada)).unwrap_err(), error);
            assert!(Password::parse(text).is_ok());
        }
        assert!(Password::choose("ada lovelace 1815", &rule, None).is_ok());
    }

    #[test]
    fn a_generated_password_is_long_enough_and_never_the_same() {
        let rng = &mut StdRng::seed_from_u64(1);

        let (one, other) = (Password::generate(rng), Password::generate(rng));

        assert_ne!(one, other);
        assert!(Password::choose(&one, &RULE, None).is_ok());
        assert_eq!(one.len(), GROUPS * GROUP + GROUPS - 1);
    }
}
