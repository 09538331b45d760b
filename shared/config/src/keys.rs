//! Where key sets and other secrets are stored: in a variable, a file or an AWS secret.

use std::{fmt, path::PathBuf};

use claims::{Access, Algorithm, Jwks, TokenKind as _};
use zeroize::Zeroizing;

use crate::{ConfigError, Environment};

/// The place of a key set or another secret, and the variable that configures it.
#[derive(Clone)]
pub struct KeyLocation {
    /// The variable, for error messages.
    pub variable: String,
    /// The place of the key set or secret.
    pub place: KeyPlace,
}

/// The place of a key set or another secret.
#[derive(Clone)]
pub enum KeyPlace {
    /// The value of the variable itself, for tests. It never changes.
    Text(Zeroizing<String>),
    /// A file, on a local machine.
    File(PathBuf),
    /// The AWS Secrets Manager secret with this name or ARN.
    Secret(String),
}

impl Environment {
    /// Returns the location of the private keys for access tokens, from `ACCESS_KEYS_SECRET`, `ACCESS_KEYS_FILE` or
    /// `ACCESS_KEYS`.
    ///
    /// # Errors
    /// If none is set, more than one is set, the file cannot be read, or the secret's name is invalid.
    pub fn access_keys(&self) -> Result<KeyLocation, ConfigError> {
        self.keys("ACCESS_KEYS")
    }

    /// Returns the location of the keys for refresh tokens, from `REFRESH_KEYS_SECRET`, `REFRESH_KEYS_FILE` or
    /// `REFRESH_KEYS`.
    ///
    /// # Errors
    /// The same as [`Environment::access_keys`].
    pub fn refresh_keys(&self) -> Result<KeyLocation, ConfigError> {
        self.keys("REFRESH_KEYS")
    }

    /// Returns the location of the pseudonym key, from `PSEUDONYM_KEY_SECRET`, `PSEUDONYM_KEY_FILE` or `PSEUDONYM_KEY`.
    ///
    /// # Errors
    /// The same as [`Environment::access_keys`].
    pub fn pseudonym_key(&self) -> Result<KeyLocation, ConfigError> {
        self.keys("PSEUDONYM_KEY")
    }

    /// Returns the location of the keys that seal the seeds of second factors, from `FACTOR_KEY_SECRET`,
    /// `FACTOR_KEY_FILE` or `FACTOR_KEY`.
    ///
    /// # Errors
    /// The same as [`Environment::access_keys`].
    pub fn factor_keys(&self) -> Result<KeyLocation, ConfigError> {
        self.keys("FACTOR_KEY")
    }

    /// Returns the location of the keys of the proxy in front of this service, from `EDGE_KEYS_SECRET`,
    /// `EDGE_KEYS_FILE` or `EDGE_KEYS`. Returns `None` if none of them is set, which means that there is no proxy.
    ///
    /// # Errors
    /// If more than one is set, the file cannot be read, or the secret's name is invalid.
    pub fn edge_keys(&self) -> Result<Option<KeyLocation>, ConfigError> {
        self.optional_keys("EDGE_KEYS")
    }

    /// Returns the algorithm for the next key of access tokens, from `ACCESS_TOKEN_ALGORITHM`, default `RS256`.
    ///
    /// # Errors
    /// If the value is not an algorithm of access tokens.
    pub fn access_token_algorithm(&self) -> Result<Algorithm, ConfigError> {
        const VARIABLE: &str = "ACCESS_TOKEN_ALGORITHM";
        let name = self.get(VARIABLE)?.unwrap_or("RS256");
        let algorithm = name.parse().ok().filter(|found| Access::ALGORITHMS.contains(found));
        algorithm.ok_or_else(|| ConfigError::new(VARIABLE, &format!("must be one of {:?}", Access::ALGORITHMS)))
    }

    /// Returns the pinned public keys for access tokens, from `JWKS`. They are used instead of the keys in the table of
    /// public keys. Returns `None` if the variable is not set.
    ///
    /// # Errors
    /// If the value is not a JWK set of public keys, or has no keys.
    pub fn pinned_jwks(&self) -> Result<Option<Jwks>, ConfigError> {
        let json = self.get("JWKS")?;
        let jwks = json
            .map(Jwks::from_json)
            .transpose()
            .map_err(|fault| ConfigError::new("JWKS", &fault))?;
        if jwks.as_ref().is_some_and(Jwks::is_empty) {
            return Err(ConfigError::new("JWKS", "the JWK set has no keys"));
        }
        Ok(jwks)
    }

    pub(crate) fn keys(&self, name: &str) -> Result<KeyLocation, ConfigError> {
        self.optional_keys(name)?.ok_or_else(|| {
            let fault = format!("not set, and neither is {name}_FILE nor {name}");
            ConfigError::new(&format!("{name}_SECRET"), &fault)
        })
    }

    fn optional_keys(&self, name: &str) -> Result<Option<KeyLocation>, ConfigError> {
        let mut found = Vec::new();
        let [secret, file] = [format!("{name}_SECRET"), format!("{name}_FILE")];
        if let Some(value) = self.get(&secret)? {
            let place = KeyPlace::Secret(parse_secret_name(&secret, value)?);
            found.push(KeyLocation::new(&secret, place));
        }
        if let Some(value) = self.get(&file)? {
            let place = KeyPlace::File(require_readable(&file, value)?);
            found.push(KeyLocation::new(&file, place));
        }
        if let Some(value) = self.get(name)? {
            let place = KeyPlace::Text(Zeroizing::new(value.to_owned()));
            found.push(KeyLocation::new(name, place));
        }
        if let [first, second, ..] = found.as_slice() {
            let fault = format!("conflicts with {}: set only one", first.variable);
            return Err(ConfigError::new(&second.variable, &fault));
        }
        Ok(found.pop())
    }
}

/// Returns the path if the file can be read. An error does not show the path, because someone may have put the key set
/// itself into the variable.
fn require_readable(variable: &str, value: &str) -> Result<PathBuf, ConfigError> {
    let path = PathBuf::from(value);
    std::fs::File::open(&path).map_err(|fault| {
        let fault = format!("cannot read the file: {}", fault.kind());
        ConfigError::new(variable, &fault)
    })?;
    Ok(path)
}

/// Returns the name or ARN of a secret if it has a valid form. An error does not show the value, because it may be the
/// key set itself.
pub(crate) fn parse_secret_name(variable: &str, value: &str) -> Result<String, ConfigError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/_+=.@-".contains(&byte);
    let is_name = value.len() <= 2048 && value.bytes().all(allowed);
    is_name
        .then(|| value.to_owned())
        .ok_or_else(|| ConfigError::new(variable, "must be the name or the ARN of a secret"))
}

impl KeyLocation {
    fn new(variable: &str, place: KeyPlace) -> Self {
        Self {
            variable: variable.to_owned(),
            place,
        }
    }

    /// Returns an error about this location. The error names the variable.
    #[must_use]
    pub fn fault(&self, fault: &impl fmt::Display) -> ConfigError {
        ConfigError::new(&self.variable, fault)
    }
}

/// The place can be the key set itself, so only the variable is shown.
impl fmt::Debug for KeyLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyLocation({})", self.variable)
    }
}

impl fmt::Debug for KeyPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::File(_) => "File(..)",
            Self::Secret(_) => "Secret(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_missing_key_set_names_every_way_to_give_it() {
        let error = Environment::from_iter([("", "")]).refresh_keys().unwrap_err();

        assert_eq!(
            error.to_string(),
            "REFRESH_KEYS_SECRET: not set, and neither is REFRESH_KEYS_FILE nor REFRESH_KEYS"
        );
    }

    #[test]
    fn a_key_set_is_given_in_one_way() {
        let error = Environment::from_iter([("ACCESS_KEYS_SECRET", "gatehouse/access"), ("ACCESS_KEYS", "{}")])
            .access_keys()
            .unwrap_err();

        assert_eq!(
            error.to_string(),
            "ACCESS_KEYS: conflicts with ACCESS_KEYS_SECRET: set only one"
        );
    }

    #[test]
    fn keys_of_a_proxy_are_given_in_one_way_or_not_at_all() {
        let none = Environment::from_iter([("EDGE_KEYS_SECRET", "")]).edge_keys();
        let one = Environment::from_iter([("EDGE_KEYS_SECRET", "gatehouse/edge")]).edge_keys();
        let two = Environment::from_iter([("EDGE_KEYS_SECRET", "gatehouse/edge"), ("EDGE_KEYS", "{}")]).edge_keys();

        assert!(none.unwrap().is_none());
        assert_eq!(one.unwrap().unwrap().variable, "EDGE_KEYS_SECRET");
        assert_eq!(
            two.unwrap_err().to_string(),
            "EDGE_KEYS: conflicts with EDGE_KEYS_SECRET: set only one"
        );
    }

    #[rstest]
    #[case("gatehouse/access-keys", true)]
    #[case(
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gatehouse/access-keys-AbCdEf",
        true
    )]
    #[case(r#"{"keys":[]}"#, false)]
    #[case("two words", false)]
    fn a_secret_has_a_name_that_one_can_have(#[case] name: &str, #[case] accepted: bool) {
        let environment = Environment::from_iter([("ACCESS_KEYS_SECRET", name)]);

        assert_eq!(environment.access_keys().is_ok(), accepted);
        assert_eq!(environment.access_keys_secret().is_ok(), accepted);
    }

    #[rstest]
    #[case("", Some(Algorithm::RS256))]
    #[case("HS256", Some(Algorithm::HS256))]
    #[case("PS256", None)]
    #[case("rs256", None)]
    #[case("none", None)]
    fn an_algorithm_is_one_of_access_tokens(#[case] name: &str, #[case] expected: Option<Algorithm>) {
        let environment = Environment::from_iter([("ACCESS_TOKEN_ALGORITHM", name)]);

        assert_eq!(environment.access_token_algorithm().ok(), expected);
    }

    #[test]
    fn pinned_keys_are_some() {
        let error = Environment::from_iter([("JWKS", r#"{"keys":[]}"#)])
            .pinned_jwks()
            .unwrap_err();

        assert_eq!(error.to_string(), "JWKS: the JWK set has no keys");
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
                "REFRESH_KEYS_FILE: cannot read the file: entity not found"
            );
        }
    }
}
