//! The settings of accounts that their owners delete.

use claims::Span;

use crate::{ConfigError, Environment};

impl Environment {
    /// Returns how long a deleted account can be kept, from `DELETION_DAYS`: 0 to 30, default 0. With 0, the template has
    /// no function that deletes accounts.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn deletion_after(&self) -> Result<Span, ConfigError> {
        let days: u64 = self.number("DELETION_DAYS", 0, 0..=30)?;
        Ok(Span::seconds(days.saturating_mul(24 * 60 * 60)))
    }

    /// Returns the name of the table of deletions, from `DELETIONS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn deletions_table(&self) -> Result<String, ConfigError> {
        self.table("DELETIONS_TABLE")
    }
}
