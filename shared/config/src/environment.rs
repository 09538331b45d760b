//! The environment as a source of settings, and the errors of settings.

use std::{collections::BTreeMap, ffi::OsString, fmt, ops::RangeInclusive, str::FromStr};

/// The environment variables of a process, read once.
#[derive(Clone)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
}

/// The error for an invalid setting, which prevents the process from starting. The message is one line: the variable,
/// followed by the problem or by the valid values.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {fault}")]
pub struct ConfigError {
    variable: String,
    fault: String,
}

/// Writes the same line as `Display`. If `main` returns this error, Rust uses `Debug` to print it.
impl fmt::Debug for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect()
    }

    /// Returns the value of a variable, or `None` if it is empty or not set.
    ///
    /// # Errors
    /// If the value is not Unicode.
    pub fn get(&self, variable: &str) -> Result<Option<&str>, ConfigError> {
        self.variables
            .get(variable)
            .filter(|value| !value.is_empty())
            .map(|value| value.to_str().ok_or_else(|| ConfigError::new(variable, "not Unicode")))
            .transpose()
    }

    /// Returns the value of a required variable.
    ///
    /// # Errors
    /// If it is not set, empty, or not Unicode.
    pub fn require(&self, variable: &str) -> Result<&str, ConfigError> {
        self.get(variable)?.ok_or_else(|| ConfigError::new(variable, "not set"))
    }

    /// Parses the value of a required variable as a `T`.
    ///
    /// # Errors
    /// If it is not set, or not a `T`.
    pub(crate) fn parse<T: FromStr<Err: fmt::Display>>(&self, variable: &str) -> Result<T, ConfigError> {
        parse_value(variable, self.require(variable)?)
    }

    /// Parses the value of a variable as a `T`. If it is not set, `default` is parsed.
    ///
    /// # Errors
    /// If the value is not a `T`.
    pub(crate) fn parse_or<T: FromStr<Err: fmt::Display>>(
        &self,
        variable: &str,
        default: &str,
    ) -> Result<T, ConfigError> {
        parse_value(variable, self.get(variable)?.unwrap_or(default))
    }

    /// Looks up the word that the variable contains, and returns the value next to that word in `words`. If the
    /// variable is not set, returns the first value of `words`.
    ///
    /// # Errors
    /// If the variable contains neither of the two words.
    pub(crate) fn one_of<T: Copy>(&self, variable: &str, words: [(&str, T); 2]) -> Result<T, ConfigError> {
        let [(first, default), (second, _)] = words;
        let Some(value) = self.get(variable)? else {
            return Ok(default);
        };
        let found = words.iter().find(|(word, _)| *word == value);
        found
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| ConfigError::new(variable, &format!("must be {first} or {second}")))
    }

    /// Parses the value of a variable as a number within a range, or returns `default` if it is not set.
    ///
    /// # Errors
    /// If the value is not a number within the range.
    pub(crate) fn number<T: FromStr + PartialOrd + fmt::Display>(
        &self,
        variable: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> Result<T, ConfigError> {
        let value = self.get(variable)?.map_or(Some(default), |text| text.parse().ok());
        value.filter(|value| range.contains(value)).ok_or_else(|| {
            let fault = format!("must be a number from {} to {}", range.start(), range.end());
            ConfigError::new(variable, &fault)
        })
    }
}

fn parse_value<T: FromStr<Err: fmt::Display>>(variable: &str, value: &str) -> Result<T, ConfigError> {
    value.parse().map_err(|fault| ConfigError::new(variable, &fault))
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self { variables }
    }
}

/// Values can be secrets, so only the names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.variables.keys()).finish()
    }
}

impl ConfigError {
    /// Returns an error about this variable.
    #[must_use]
    pub fn new(variable: &str, fault: &(impl fmt::Display + ?Sized)) -> Self {
        Self {
            variable: variable.to_owned(),
            fault: fault.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_one_that_is_not_set() {
        let environment = Environment::from_iter([("EMPTY", "")]);

        let error = environment.require("EMPTY").unwrap_err();

        assert_eq!(error.to_string(), "EMPTY: not set");
        assert_eq!(format!("{error:?}"), error.to_string());
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_unicode_is_a_fault_and_not_a_default() {
        use std::os::unix::ffi::OsStringExt as _;
        let environment = Environment::from_iter([("CLIENT_ID", OsString::from_vec(vec![b'a', 0xff]))]);

        for error in [
            environment.get("CLIENT_ID").unwrap_err(),
            environment.require("CLIENT_ID").unwrap_err(),
            environment.parse_or::<String>("CLIENT_ID", "gatehouse").unwrap_err(),
        ] {
            assert_eq!(error.to_string(), "CLIENT_ID: not Unicode");
        }
        assert_eq!(environment.get("OTHER"), Ok(None));
    }

    #[test]
    fn values_are_not_shown() {
        let environment = Environment::from_iter([("REFRESH_KEYS", "secret")]);

        assert_eq!(format!("{environment:?}"), r#"{"REFRESH_KEYS"}"#);
    }
}
