//! Time-based one-time passwords (TOTP, RFC 6238): the seed that an app and the service share, and the codes of each step
//! of 30 seconds.

use std::fmt;

use claims::Timestamp;
use data_encoding::BASE32_NOPAD;
use rand::CryptoRng;
use ring::hmac;
use zeroize::Zeroizing;

/// The length of a seed in bytes: 160 bits, which RFC 4226 s4 recommends.
pub(crate) const SEED: usize = 20;
/// The length of a step in seconds (RFC 6238 s5.2).
const STEP: u64 = 30;
/// The number of codes: a code has six digits.
const CODES: u32 = 1_000_000;
/// The number of digits of a code.
const DIGITS: usize = 6;

/// The number of steps since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(u64);

impl Step {
    /// Returns the step with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the step at this time.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(now.get().wrapping_div(STEP))
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// The seed of a user's codes.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; SEED]>);

impl Seed {
    /// Draws a seed.
    #[must_use]
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; SEED]);
        rng.fill_bytes(&mut *seed);
        Self(seed)
    }

    /// Returns the seed with these bytes, or `None` if their number is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Returns the seed as apps take it: 32 characters of base32 (RFC 4648 s6).
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(self.as_bytes()))
    }

    /// Returns the code of a step: six digits (RFC 4226 s5.3, RFC 6238 s4.2).
    #[must_use]
    pub fn code(&self, step: Step) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.as_bytes());
        let tag = hmac::sign(&key, &step.0.to_be_bytes());
        let truncated = truncate(tag.as_ref()).checked_rem(CODES).unwrap_or_default();
        format!("{truncated:0DIGITS$}")
    }

    /// Returns the step of the code that a person has typed, if it is the present step, the one before or the one after.
    /// Spaces and hyphens do not count. All three codes are always compared.
    #[must_use]
    pub fn step_of(&self, typed: &str, now: Timestamp) -> Option<Step> {
        let typed: Vec<u8> = typed.bytes().filter(|byte| !b" -".contains(byte)).collect();
        let present = Step::at(now).get();
        let steps = [present.saturating_sub(1), present, present.saturating_add(1)].map(Step);
        let found = steps.map(|step| is_same(self.code(step).as_bytes(), &typed).then_some(step));
        found.into_iter().flatten().next_back()
    }
}

/// Returns the 31 bits that a code is made of (RFC 4226 s5.3).
fn truncate(tag: &[u8]) -> u32 {
    let offset = tag.last().map_or(0, |last| usize::from(last & 0xf));
    let bytes = tag.get(offset..).and_then(|rest| rest.first_chunk::<4>().copied());
    u32::from_be_bytes(bytes.unwrap_or_default()) & 0x7fff_ffff
}

/// Returns whether both are the same. The time depends only on their lengths.
fn is_same(code: &[u8], typed: &[u8]) -> bool {
    let differences = code.iter().zip(typed).map(|(own, typed)| own ^ typed);
    typed.len() == code.len() && differences.fold(0, |all, difference| all | difference) == 0
}

/// A seed is a secret, so `Debug` does not show it.
impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seed(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};
    use rstest::rstest;

    use super::*;

    /// The secret of both RFCs for SHA-1.
    const SECRET: &[u8] = b"12345678901234567890";

    /// RFC 4226, appendix D.
    #[test]
    fn the_codes_of_the_first_counters_are_those_of_rfc_4226() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ];

        let codes: Vec<String> = (0..10).map(|counter| seed().code(Step::new(counter))).collect();

        assert_eq!(codes, expected);
    }

    /// RFC 6238, appendix B, whose codes of eight digits end with those of six.
    #[rstest]
    #[case(59, 1, "94287082")]
    #[case(1_111_111_109, 0x0235_23ec, "07081804")]
    #[case(1_111_111_111, 0x0235_23ed, "14050471")]
    #[case(1_234_567_890, 0x0273_ef07, "89005924")]
    #[case(2_000_000_000, 0x03f9_40aa, "69279037")]
    #[case(20_000_000_000, 0x27bc_86aa, "65353130")]
    fn the_codes_at_these_times_are_those_of_rfc_6238(#[case] at: u64, #[case] step: u64, #[case] code: &str) {
        let at = Timestamp::new(at);

        assert_eq!(Step::at(at), Step::new(step));
        assert_eq!(seed().code(Step::at(at)), &code[2..]);
        assert_eq!(seed().step_of(&code[2..], at), Some(Step::new(step)));
    }

    proptest! {
        #[test]
        fn a_code_is_accepted_for_one_step_before_and_after(seed in any::<u64>(), step in 10_u64..1 << 40, late in -3_i64..=3) {
            let seed = Seed::draw(&mut StdRng::seed_from_u64(seed));
            let code = seed.code(Step::new(step));
            let now = Timestamp::new(step.saturating_add_signed(late).saturating_mul(STEP));

            let accepted = seed.step_of(&code, now);

            if late.abs() <= 1 {
                // Two of the three codes are the same once in a million times.
                prop_assert!(accepted.is_some_and(|found| seed.code(found) == code));
            } else {
                prop_assert!(accepted.is_none_or(|found| seed.code(found) == code));
            }
        }
    }

    #[rstest]
    #[case::digits("755224", true)]
    #[case::spaces(" 755 224 ", true)]
    #[case::hyphen("755-224", true)]
    #[case::other("755225", false)]
    #[case::shorter("75522", false)]
    #[case::longer("7552240", false)]
    #[case::empty("", false)]
    #[case::other_digits("\u{ff17}\u{ff15}\u{ff15}\u{ff12}\u{ff12}\u{ff14}", false)]
    fn a_code_is_typed_with_or_without_spaces(#[case] typed: &str, #[case] expected: bool) {
        assert_eq!(seed().step_of(typed, Timestamp::new(29)).is_some(), expected);
    }

    #[test]
    fn a_seed_has_32_characters_and_is_not_shown() {
        assert_eq!(seed().to_base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(format!("{:?}", seed()), "Seed(..)");
        assert!(Seed::from_bytes(&SECRET[1..]).is_none());
    }

    fn seed() -> Seed {
        Seed::from_bytes(SECRET).unwrap()
    }
}
