//! The settings for following revocations.

use std::{fmt, str::FromStr};

use claims::Seconds;

use crate::{ConfigError, Environment};

impl Environment {
    /// How often a process reads revocations: `REVOCATION_POLL_SECONDS`, default 5, 0 to 60. With 0 it never does, and
    /// only reads the public keys.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn revocation_poll(&self) -> Result<Seconds, ConfigError> {
        self.seconds("REVOCATION_POLL_SECONDS", 5, 0..=60)
    }

    /// What happens if revocations cannot be read and the copy is too old: `REVOCATION_FAIL`, `closed` or `open`,
    /// default `closed`.
    ///
    /// # Errors
    /// If the value is not a `T`.
    pub fn revocation_fail<T: FromStr<Err: fmt::Display>>(&self) -> Result<T, ConfigError> {
        self.parsed_or("REVOCATION_FAIL", "closed")
    }
}
