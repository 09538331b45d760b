//! How many sessions a user may have.

use std::ops::RangeInclusive;

use crate::{ConfigError, Environment};

/// At least the one that logs in; at most half of what a login looks at.
const SESSIONS: RangeInclusive<usize> = 1..=200;

impl Environment {
    /// The most live sessions that one user has: `MAX_SESSIONS`, 50 unless set, 1 to 200.
    ///
    /// # Errors
    /// When it is set, but out of its range.
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
    fn a_user_has_a_session_at_least_and_a_bound_always(#[case] value: &str, #[case] expected: Option<usize>) {
        let sessions = Environment::from_iter([("MAX_SESSIONS", value)]).max_sessions();

        assert_eq!(sessions.ok(), expected);
    }
}
