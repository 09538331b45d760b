//! The setting for the number of sessions.

use std::ops::RangeInclusive;

use crate::{ConfigError, Environment};

/// The range for the number of sessions. A login starts a session, so at least 1 is needed. The maximum is half of the
/// 400 stored sessions that a login reads.
const SESSIONS: RangeInclusive<usize> = 1..=200;

impl Environment {
    /// Returns the maximum number of live sessions of one user, from `MAX_SESSIONS`: 1 to 200, default 50.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn max_sessions(&self) -> Result<usize, ConfigError> {
        self.number("MAX_SESSIONS", 50, SESSIONS)
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
