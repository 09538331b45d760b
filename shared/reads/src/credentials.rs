//! The credentials of a function's role, as Lambda sets them.

use std::fmt;

use config::{ConfigError, Environment};
use zeroize::Zeroizing;

/// The credentials of a role.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
}

impl Credentials {
    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
    ///
    /// # Errors
    /// If one of the first two is not set.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let secret = |value: &str| Zeroizing::new(value.to_owned());
        Ok(Self {
            access_key_id: environment.require("AWS_ACCESS_KEY_ID")?.to_owned(),
            secret_access_key: secret(environment.require("AWS_SECRET_ACCESS_KEY")?),
            session_token: environment.get("AWS_SESSION_TOKEN")?.map(secret),
        })
    }

    /// Makes credentials for a local engine, which accepts any credentials.
    pub(crate) fn local() -> Self {
        Self::new("local", "local", None)
    }

    pub(crate) fn new(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Zeroizing::new(secret_access_key.to_owned()),
            session_token: session_token.map(|token| Zeroizing::new(token.to_owned())),
        }
    }

    /// Returns the session token. The credentials of a role always have one.
    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(|token| token.as_str())
    }
}

/// The credentials are secrets, so none of them is shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let credentials = Credentials::new("id", "canary", Some("canary"));

        assert_eq!(format!("{credentials:?}"), "Credentials(..)");
    }

    #[test]
    fn a_missing_key_names_its_variable() {
        let environment = Environment::from_iter([("AWS_ACCESS_KEY_ID", "id")]);

        let error = Credentials::from_environment(&environment).unwrap_err();

        assert_eq!(error.to_string(), "AWS_SECRET_ACCESS_KEY: not set");
    }
}
