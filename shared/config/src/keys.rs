//! Key sets, from a variable or from the file that a variable names.

use std::fmt;

use claims::{Access, InvalidKeySet, Jwks, KeySet, Refresh, TokenKind};

use crate::{ConfigError, Environment};

impl Environment {
    /// The private keys of access tokens: `ACCESS_KEYS`, or the file that `ACCESS_KEYS_FILE` names.
    ///
    /// # Errors
    /// When neither is set, the file cannot be read, or it is not a key set.
    pub fn access_keys(&self) -> Result<KeySet<Access>, ConfigError> {
        self.key_set("ACCESS_KEYS", "ACCESS_KEYS_FILE")
    }

    /// The keys of refresh tokens: `REFRESH_KEYS`, or the file that `REFRESH_KEYS_FILE` names.
    ///
    /// # Errors
    /// When neither is set, the file cannot be read, or it is not a key set.
    pub fn refresh_keys(&self) -> Result<KeySet<Refresh>, ConfigError> {
        self.key_set("REFRESH_KEYS", "REFRESH_KEYS_FILE")
    }

    /// Public keys of access tokens that are pinned instead of read from the feed: `JWKS`; none unless set.
    ///
    /// # Errors
    /// When it is set, but not to a JWK set of public keys.
    pub fn pinned_jwks(&self) -> Result<Option<Jwks>, ConfigError> {
        let json = self.optional("JWKS")?;
        json.map(Jwks::from_json)
            .transpose()
            .map_err(|fault| ConfigError::new("JWKS", &fault))
    }

    fn key_set<K: TokenKind>(&self, variable: &str, file_variable: &str) -> Result<KeySet<K>, ConfigError> {
        self.document(variable, file_variable, |json| -> Result<_, InvalidKeySet> {
            KeySet::from_json(json)
        })
    }

    fn document<T, E: fmt::Display>(
        &self,
        variable: &str,
        file_variable: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, ConfigError> {
        if let Some(json) = self.optional(variable)? {
            return parse(json).map_err(|fault| ConfigError::new(variable, &fault));
        }
        let path = self
            .optional(file_variable)?
            .ok_or_else(|| ConfigError::new(variable, &format!("not set, and {file_variable} is not either")))?;
        // The path is not shown: who puts the key set itself into this variable would find it in the log.
        let json = std::fs::read_to_string(path).map_err(|fault| {
            let fault = format!("the file that it names cannot be read: {}", fault.kind());
            ConfigError::new(file_variable, &fault)
        })?;
        parse(&json).map_err(|fault| ConfigError::new(file_variable, &fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_set_names_both_ways_to_give_it() {
        let error = Environment::from_iter([("", "")]).refresh_keys().unwrap_err();

        assert_eq!(
            error.to_string(),
            "REFRESH_KEYS: not set, and REFRESH_KEYS_FILE is not either"
        );
    }

    #[test]
    fn a_bad_key_set_names_its_variable_and_its_fault() {
        let error = Environment::from_iter([("JWKS", r#"{"keys":[]}"#)])
            .pinned_jwks()
            .unwrap_err();

        assert_eq!(error.to_string(), "JWKS: a JWK set without keys");
    }

    #[test]
    fn an_unreadable_file_is_not_named_since_it_may_be_the_key_set_itself() {
        let secret = r#"{"keys":[{"kid":"one","alg":"HS256","k":"c2VjcmV0"}]}"#;

        for given in ["/nowhere/keys.json", secret] {
            let error = Environment::from_iter([("REFRESH_KEYS_FILE", given)])
                .refresh_keys()
                .unwrap_err();

            assert_eq!(
                error.to_string(),
                "REFRESH_KEYS_FILE: the file that it names cannot be read: entity not found"
            );
        }
    }
}
