//! The settings for passwords: the cost of a hash, the length of a new password, and the limit on failed logins.

use std::ops::RangeInclusive;

use auth::password::{HashCost, PasswordRule};

use crate::{ConfigError, Environment};

/// The range for the memory of a hash in KiB: from 19 MiB, one of OWASP's recommended configurations for Argon2id, to
/// 256 MiB, the maximum for stored hashes.
const MEMORY: RangeInclusive<u32> = 19_456..=262_144;
/// The range for the number of passes over the memory of a hash.
const PASSES: RangeInclusive<u32> = 2..=8;
/// The range for the minimum length of a password. 8 characters are enough with a second factor, and passwords of 64
/// characters must always be allowed (NIST SP 800-63B-4 s3.1.1.2).
const CHARACTERS: RangeInclusive<usize> = 8..=64;
/// The range for the maximum number of failed logins from one source. Zero means no limit.
const SOURCE_FAILURES: RangeInclusive<u64> = 0..=1_000_000;

impl Environment {
    /// Returns the cost of a new password hash.
    ///
    /// | variable | default | |
    /// |---|---|---|
    /// | `PASSWORD_MEMORY_KIB` | 19456 | its memory in KiB, 19456 to 262144 |
    /// | `PASSWORD_PASSES` | 2 | the number of passes over the memory, 2 to 8 |
    ///
    /// # Errors
    /// If a variable is invalid or out of range.
    pub fn hash_cost(&self) -> Result<HashCost, ConfigError> {
        let memory = self.number("PASSWORD_MEMORY_KIB", 19_456, MEMORY)?;
        let passes = self.number("PASSWORD_PASSES", 2, PASSES)?;
        Ok(HashCost::new(memory, passes))
    }

    /// Returns the minimum number of characters in a new password, from `PASSWORD_MIN_LENGTH`: 8 to 64, default 15.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn password_min_length(&self) -> Result<usize, ConfigError> {
        self.number("PASSWORD_MIN_LENGTH", 15, CHARACTERS)
    }

    /// Returns the rule for new passwords. `is_common` returns whether a password is common. The service's own name and
    /// the host of `ISSUER`, if it is set, make bad passwords.
    ///
    /// # Errors
    /// If a variable is invalid or out of range.
    pub fn password_rule(&self, is_common: fn(&str) -> bool) -> Result<PasswordRule, ConfigError> {
        let mut service_names = vec![self.telemetry()?.service];
        if self.get("ISSUER")?.is_some() {
            service_names.push(self.issuer()?.host().to_owned());
        }
        Ok(PasswordRule {
            min_length: self.password_min_length()?,
            is_common,
            service_names,
        })
    }

    /// Returns the maximum number of failed logins from one source in 15 minutes, from `SOURCE_FAILURE_LIMIT`: 0 to
    /// 1000000, default 100. Returns `None` for 0, which means no limit.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn source_failure_limit(&self) -> Result<Option<u64>, ConfigError> {
        let limit = self.number("SOURCE_FAILURE_LIMIT", 100, SOURCE_FAILURES)?;
        Ok((limit > 0).then_some(limit))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_standards() {
        let environment = environment("OTHER", "1");

        assert_eq!(environment.hash_cost(), Ok(HashCost::new(19_456, 2)));
        assert_eq!(environment.password_min_length(), Ok(15));
        assert_eq!(environment.source_failure_limit(), Ok(Some(100)));
    }

    #[rstest]
    #[case("19455", None)]
    #[case("19456", Some(19_456))]
    #[case("262144", Some(262_144))]
    #[case("262145", None)]
    #[case("19 MiB", None)]
    #[case("-1", None)]
    fn memory_can_only_be_raised(#[case] value: &str, #[case] expected: Option<u32>) {
        let cost = environment("PASSWORD_MEMORY_KIB", value).hash_cost();

        assert_eq!(cost.ok().map(HashCost::memory), expected);
    }

    #[rstest]
    #[case("1", None)]
    #[case("2", Some(2))]
    #[case("8", Some(8))]
    #[case("9", None)]
    fn passes_can_only_be_raised(#[case] value: &str, #[case] expected: Option<u32>) {
        let cost = environment("PASSWORD_PASSES", value).hash_cost();

        assert_eq!(cost.ok().map(HashCost::passes), expected);
    }

    #[rstest]
    #[case("7", None)]
    #[case("8", Some(8))]
    #[case("64", Some(64))]
    #[case("65", None)]
    fn a_new_password_has_8_characters_at_the_lowest(#[case] value: &str, #[case] expected: Option<usize>) {
        let least = environment("PASSWORD_MIN_LENGTH", value).password_min_length();

        assert_eq!(least.ok(), expected);
    }

    #[test]
    fn a_bad_value_names_its_variable_and_what_would_be_right() {
        let error = environment("PASSWORD_PASSES", "two").hash_cost().unwrap_err();

        assert_eq!(error.to_string(), "PASSWORD_PASSES: must be a number from 2 to 8");
    }

    fn environment(variable: &str, value: &str) -> Environment {
        Environment::from_iter([(variable, value)])
    }
}
