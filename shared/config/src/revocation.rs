//! The settings for reading revocations.

use auth::following::OnFailure;
use claims::Span;

use crate::{ConfigError, Environment};

impl Environment {
    /// Returns the interval at which a process reads revocations, from `REVOCATION_POLL_SECONDS`: 0 to 30 seconds,
    /// default 5. With 0, the process reads keys but no revocations.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn revocation_poll(&self) -> Result<Span, ConfigError> {
        self.seconds("REVOCATION_POLL_SECONDS", 5, 0..=30)
    }

    /// Returns what happens when revocations cannot be read and the process's copy of them is too old, from
    /// `REVOCATION_FAIL`: `closed` or `open`, default `closed`.
    ///
    /// # Errors
    /// If the value is neither.
    pub fn revocation_fail(&self) -> Result<OnFailure, ConfigError> {
        let words = [("closed", OnFailure::Closed), ("open", OnFailure::Open)];
        self.one_of("REVOCATION_FAIL", words)
    }
}
