//! Recovery codes: ten secrets on paper, each of which stands in for a second factor once.

use std::{collections::BTreeMap, fmt};

use data_encoding::BASE32_NOPAD;
use rand::CryptoRng;
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// The number of recovery codes of a user.
pub const RECOVERY_CODES: u8 = 10;
/// The length of a code's secret in bytes: 120 bits, so that a plain hash is enough (OWASP ASVS 5.0, 6.5.2, which
/// requires 112).
const SECRET: usize = 15;
/// The number of characters between two hyphens of a code.
const GROUP: usize = 6;

/// The place of a recovery code among a user's ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u8);

impl Slot {
    /// The first slot.
    pub(crate) const FIRST: Self = Self(0);

    /// Returns every slot.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..RECOVERY_CODES).map(Self)
    }

    /// Returns the slot with this digit.
    #[must_use]
    pub fn from_digit(digit: &str) -> Option<Self> {
        let [digit @ b'0'..=b'9'] = digit.as_bytes() else {
            return None;
        };
        Some(Self(digit.wrapping_sub(b'0')))
    }

    /// Returns the digit with which the code begins.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// The SHA-256 hash of a recovery code. Only this is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryHash([u8; 32]);

impl RecoveryHash {
    /// Returns the hash with these bytes, or `None` if their number is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A recovery code: a digit for its slot and 24 characters of base32 (RFC 4648 s6), such as
/// `4-ABCDEF-GHIJKL-MNOPQR-STUVWX`.
#[derive(Clone)]
pub struct RecoveryCode {
    slot: Slot,
    secret: Zeroizing<[u8; SECRET]>,
}

impl RecoveryCode {
    /// Draws a code for this slot.
    pub(crate) fn draw(slot: Slot, rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; SECRET]);
        rng.fill_bytes(&mut *secret);
        Self { slot, secret }
    }

    /// Returns the code with the same secret for another slot.
    pub(crate) fn in_slot(self, slot: Slot) -> Self {
        Self { slot, ..self }
    }

    /// Parses what a person has typed. Case, spaces and hyphens do not count.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed: Zeroizing<String> = Zeroizing::new(typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect());
        let typed = Zeroizing::new(typed.to_ascii_uppercase());
        let (digit, secret) = typed.split_at_checked(1)?;
        let secret = Zeroizing::new(BASE32_NOPAD.decode(secret.as_bytes()).ok()?);
        Some(Self {
            slot: Slot::from_digit(digit)?,
            secret: Zeroizing::new(secret.as_slice().try_into().ok()?),
        })
    }

    /// Returns the slot.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// Returns the code as a person reads it.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(BASE32_NOPAD.encode(&*self.secret));
        let mut text = Zeroizing::new(self.slot.0.to_string());
        for (index, character) in secret.chars().enumerate() {
            if index.is_multiple_of(GROUP) {
                text.push('-');
            }
            text.push(character);
        }
        text
    }

    /// Returns the hash that is stored.
    #[must_use]
    pub fn hash(&self) -> RecoveryHash {
        let hash = digest(&SHA256, &*self.secret);
        RecoveryHash(hash.as_ref().try_into().unwrap_or_default())
    }
}

/// A code is a secret, so `Debug` does not show it.
impl fmt::Debug for RecoveryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecoveryCode(..)")
    }
}

/// A user's ten new codes.
#[derive(Debug)]
pub struct RecoveryCodes(Vec<RecoveryCode>);

impl RecoveryCodes {
    pub(crate) fn draw(rng: &mut impl CryptoRng) -> Self {
        Self(Slot::all().map(|slot| RecoveryCode::draw(slot, rng)).collect())
    }

    /// Returns the codes, in the order of their slots.
    #[must_use]
    pub fn as_slice(&self) -> &[RecoveryCode] {
        &self.0
    }

    /// Returns the hashes that are stored.
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<Slot, RecoveryHash> {
        self.0.iter().map(|code| (code.slot, code.hash())).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use rstest::rstest;

    use super::*;

    #[test]
    fn ten_codes_have_ten_slots_and_ten_secrets() {
        let codes = RecoveryCodes::draw(&mut StdRng::seed_from_u64(1));

        let slots: Vec<u8> = codes.as_slice().iter().map(|code| code.slot().get()).collect();
        assert_eq!(slots, (0..10).collect::<Vec<_>>());
        let mut hashes: Vec<_> = codes.hashes().into_values().map(|hash| hash.0).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 10);
    }

    #[test]
    fn a_code_is_read_as_it_is_written() {
        let code = RecoveryCode::draw(Slot(7), &mut StdRng::seed_from_u64(1));
        let text = code.to_text();

        assert_eq!(text.len(), "7-ABCDEF-GHIJKL-MNOPQR-STUVWX".len());
        assert!(text.starts_with("7-"), "the slot comes first");
        for typed in [
            text.to_string(),
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('-', " "),
        ] {
            let parsed = RecoveryCode::parse(&typed).unwrap();

            assert_eq!((parsed.slot(), parsed.hash()), (code.slot(), code.hash()));
        }
    }

    #[rstest]
    #[case("")]
    #[case("7")]
    #[case("7-ABCDEF-GHIJKL-MNOPQR-STUVW")]
    #[case("7-ABCDEF-GHIJKL-MNOPQR-STUVWXY")]
    #[case("A-ABCDEF-GHIJKL-MNOPQR-STUVWX")]
    #[case("7-ABCDE1-GHIJKL-MNOPQR-STUVWX")]
    #[case("\u{e4}-ABCDEF-GHIJKL-MNOPQR-STUVWX")]
    fn anything_else_is_no_code(#[case] typed: &str) {
        assert!(RecoveryCode::parse(typed).is_none());
    }

    #[test]
    fn a_code_is_not_shown() {
        let codes = RecoveryCodes::draw(&mut StdRng::seed_from_u64(1));

        assert!(format!("{codes:?}").starts_with("RecoveryCodes([RecoveryCode(..), "));
    }
}
