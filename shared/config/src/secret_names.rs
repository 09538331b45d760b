//! The names of secrets, for tools that read and change the secrets themselves.

use crate::{ConfigError, Environment, keys::parse_secret_name};

impl Environment {
    /// Returns the name or ARN of the secret with the access key set, from `ACCESS_KEYS_SECRET`.
    ///
    /// # Errors
    /// If it is not set, or not a valid name or ARN of a secret.
    pub fn access_keys_secret(&self) -> Result<String, ConfigError> {
        self.secret_name("ACCESS_KEYS_SECRET")
    }

    /// Returns the name or ARN of the secret with the refresh key set, from `REFRESH_KEYS_SECRET`.
    ///
    /// # Errors
    /// If it is not set, or not a valid name or ARN of a secret.
    pub fn refresh_keys_secret(&self) -> Result<String, ConfigError> {
        self.secret_name("REFRESH_KEYS_SECRET")
    }

    /// Returns the name or ARN of the secret with the keys that seal addresses, from `MAIL_KEY_SECRET`.
    ///
    /// # Errors
    /// If it is not set, or not a valid name or ARN of a secret.
    pub fn mail_key_secret(&self) -> Result<String, ConfigError> {
        self.secret_name("MAIL_KEY_SECRET")
    }

    /// Returns the name or ARN of the secret with the pseudonym key, from `PSEUDONYM_KEY_SECRET`.
    ///
    /// # Errors
    /// If it is not set, or not a valid name or ARN of a secret.
    pub fn pseudonym_key_secret(&self) -> Result<String, ConfigError> {
        self.secret_name("PSEUDONYM_KEY_SECRET")
    }

    fn secret_name(&self, variable: &str) -> Result<String, ConfigError> {
        self.require(variable)
            .and_then(|name| parse_secret_name(variable, name))
    }
}
