//! How far back a command reads.

use std::{str::FromStr, time::Duration};

/// A time before now, such as `90m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Since(Duration);

/// The error for a string that is not such a time.
#[derive(Debug, thiserror::Error)]
#[error("must be a number with a unit: 30m, 24h or 7d")]
pub(crate) struct InvalidSince;

impl Since {
    /// Returns how long ago it is.
    pub(crate) const fn duration(self) -> Duration {
        let Self(duration) = self;
        duration
    }
}

impl FromStr for Since {
    type Err = InvalidSince;

    fn from_str(text: &str) -> Result<Self, InvalidSince> {
        let unit = text.chars().last().ok_or(InvalidSince)?;
        let seconds: u64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(InvalidSince),
        };
        let number = text.strip_suffix(unit).ok_or(InvalidSince)?;
        let number: u64 = number.parse().map_err(|_| InvalidSince)?;
        let seconds = number.checked_mul(seconds).filter(|seconds| *seconds > 0);
        seconds.map(Duration::from_secs).map(Self).ok_or(InvalidSince)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("90s", Some(90))]
    #[case("30m", Some(1_800))]
    #[case("24h", Some(86_400))]
    #[case("7d", Some(604_800))]
    #[case("", None)]
    #[case("24", None)]
    #[case("h", None)]
    #[case("0h", None)]
    #[case("-1h", None)]
    #[case("24h30m", None)]
    #[case("1\u{b5}", None)]
    #[case("99999999999999999999d", None)]
    fn a_number_with_a_unit_is_a_time(#[case] text: &str, #[case] seconds: Option<u64>) {
        let parsed = text.parse::<Since>().ok().map(|since| since.duration().as_secs());

        assert_eq!(parsed, seconds);
    }
}
