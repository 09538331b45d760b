//! The settings for following revocations.

use auth::following::OnFailure;
use claims::Span;

use crate::{ConfigError, Environment};

impl Environment {
    /// How often a process reads revocations: `REVOCATION_POLL_SECONDS`, default 5, 0 to 60. With 0 it never does, and
    /// only reads the public keys.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn revocation_poll(&self) -> Result<Span, ConfigError> {
        self.seconds("REVOCATION_POLL_SECONDS", 5, 0..=60)
    }

    /// What happens if revocations cannot be read and the copy is too old: `REVOCATION_FAIL`, `closed` or `open`,
    /// default `closed`.
    ///
    /// # Errors
    /// If the value is another word.
    pub fn revocation_fail(&self) -> Result<OnFailure, ConfigError> {
        let words = [("closed", OnFailure::Closed), ("open", OnFailure::Open)];
        self.one_of("REVOCATION_FAIL", words)
    }
}
