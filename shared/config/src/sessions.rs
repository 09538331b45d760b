//! The settings for the number of sessions, and for remembered devices.

use std::ops::RangeInclusive;

use claims::Span;

use crate::{ConfigError, Environment};

/// The range for the number of sessions. A login starts a session, so at least 1 is needed. The maximum is half of the
/// 400 stored sessions that a login reads.
const SESSIONS: RangeInclusive<usize> = 1..=200;

/// The range for the number of days for which a device is remembered.
const DAYS: RangeInclusive<u64> = 0..=30;

impl Environment {
    /// Returns the maximum number of live sessions of one user, from `MAX_SESSIONS`: 1 to 200, default 50.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn max_sessions(&self) -> Result<usize, ConfigError> {
        self.number("MAX_SESSIONS", 50, SESSIONS)
    }

    /// Returns how long a login from a remembered device needs no second factor, from `REMEMBER_DEVICE_DAYS`: 0 to 30
    /// days, default 0, which means never. Such a session has proven one factor.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn remembered_for(&self) -> Result<Span, ConfigError> {
        let days: u64 = self.number("REMEMBER_DEVICE_DAYS", 0, DAYS)?;
        Ok(Span::seconds(days.saturating_mul(24 * 60 * 60)))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Some(50))]
    #[case("1", Some(1))]
    #[case("200", Some(200))]
    #[case("0", None)]
    #[case("201", None)]
    #[case("many", None)]
    fn the_number_of_sessions_is_at_least_one_and_always_bounded(#[case] value: &str, #[case] expected: Option<usize>) {
        let sessions = Environment::from_iter([("MAX_SESSIONS", value)]).max_sessions();

        assert_eq!(sessions.ok(), expected);
    }
}
