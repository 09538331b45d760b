//! The names of the DynamoDB tables.

use crate::{ConfigError, Environment};

impl Environment {
    /// The table of users: `USERS_TABLE`.
    ///
    /// # Errors
    /// When it is not set.
    pub fn users_table(&self) -> Result<String, ConfigError> {
        self.required("USERS_TABLE").map(str::to_owned)
    }

    /// The table of sessions: `REFRESH_TOKENS_TABLE`.
    ///
    /// # Errors
    /// When it is not set.
    pub fn refresh_tokens_table(&self) -> Result<String, ConfigError> {
        self.required("REFRESH_TOKENS_TABLE").map(str::to_owned)
    }
}
