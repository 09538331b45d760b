//! The names of the DynamoDB tables.

use crate::{ConfigError, Environment};

impl Environment {
    /// Returns the name of the table of users, from `USERS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn users_table(&self) -> Result<String, ConfigError> {
        self.table("USERS_TABLE")
    }

    /// Returns the name of the table of credentials, from `CREDENTIALS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn credentials_table(&self) -> Result<String, ConfigError> {
        self.table("CREDENTIALS_TABLE")
    }

    /// Returns the name of the table that counts attempts, logins and announcements, from `ATTEMPTS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn attempts_table(&self) -> Result<String, ConfigError> {
        self.table("ATTEMPTS_TABLE")
    }

    /// Returns the name of the table of second factors, from `FACTORS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn factors_table(&self) -> Result<String, ConfigError> {
        self.table("FACTORS_TABLE")
    }

    /// Returns the name of the table of revocations, from `AUTHORIZER_FEED_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn authorizer_feed_table(&self) -> Result<String, ConfigError> {
        self.table("AUTHORIZER_FEED_TABLE")
    }

    /// Returns the name of the table of the feed's snapshots, from `FEED_SNAPSHOTS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn feed_snapshots_table(&self) -> Result<String, ConfigError> {
        self.table("FEED_SNAPSHOTS_TABLE")
    }

    /// Returns the name of the table of the public keys, from `PUBLIC_KEYS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn public_keys_table(&self) -> Result<String, ConfigError> {
        self.table("PUBLIC_KEYS_TABLE")
    }

    /// Returns the name of the table of sessions, from `REFRESH_TOKENS_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn refresh_tokens_table(&self) -> Result<String, ConfigError> {
        self.table("REFRESH_TOKENS_TABLE")
    }

    pub(crate) fn table(&self, variable: &str) -> Result<String, ConfigError> {
        let name = self.require(variable)?;
        is_table_name(name).then(|| name.to_owned()).ok_or_else(|| {
            ConfigError::new(
                variable,
                "must be 3 to 255 letters, digits, underscores, hyphens and dots",
            )
        })
    }
}

/// Returns whether DynamoDB allows this table name, so that a wrong name is found at the start and not by the first
/// request.
fn is_table_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (3..=255).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::shortest("abc", true)]
    #[case::longest(&"a".repeat(255), true)]
    #[case::every_kind_of_character("Gatehouse_users-1.v2", true)]
    #[case::too_short("ab", false)]
    #[case::too_long(&"a".repeat(256), false)]
    #[case::space("two words", false)]
    #[case::accent("n\u{e4}me", false)]
    #[case::arn("arn:aws:dynamodb:eu-west-1:1:table/users", false)]
    fn a_table_has_a_name_that_dynamodb_can_have(#[case] name: &str, #[case] accepted: bool) {
        let variables = [
            "USERS_TABLE",
            "CREDENTIALS_TABLE",
            "ATTEMPTS_TABLE",
            "REFRESH_TOKENS_TABLE",
        ];
        let environment = Environment::from_iter(variables.map(|variable| (variable, name)));

        for read in [
            Environment::users_table,
            Environment::credentials_table,
            Environment::attempts_table,
            Environment::refresh_tokens_table,
        ] {
            assert_eq!(read(&environment).is_ok(), accepted);
        }
    }

    #[test]
    fn a_malformed_name_names_its_variable() {
        let error = Environment::from_iter([("USERS_TABLE", "?")])
            .users_table()
            .unwrap_err();

        assert_eq!(
            error.to_string(),
            "USERS_TABLE: must be 3 to 255 letters, digits, underscores, hyphens and dots"
        );
    }
}
