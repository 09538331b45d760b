//! How authorizers follow revocations.

use std::{fmt, str::FromStr};

use claims::Seconds;

use crate::{ConfigError, Environment};

impl Environment {
    /// How often a process asks for revocations: `REVOCATION_POLL_SECONDS`, 5 unless set, at most 60; 0 is never, and
    /// then only the public keys are read.
    ///
    /// # Errors
    /// When it is set, but out of its range.
    pub fn revocation_poll(&self) -> Result<Seconds, ConfigError> {
        self.seconds("REVOCATION_POLL_SECONDS", 5, 0..=60)
    }

    /// What is decided when revocations cannot be read for longer than they may be out of date: `REVOCATION_FAIL`,
    /// `closed` unless set, or `open`.
    ///
    /// # Errors
    /// When it is set, but to no word that `T` knows.
    pub fn revocation_fail<T: FromStr<Err: fmt::Display>>(&self) -> Result<T, ConfigError> {
        self.parsed_or("REVOCATION_FAIL", "closed")
    }
}
