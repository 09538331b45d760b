//! The settings of the two ways to deliver mails, and of the bus for events about users.

use crate::{ConfigError, Environment};

/// The bus that every account has.
const DEFAULT_BUS: &str = "default";
/// The maximum length of the name or ARN of a bus.
const MAX_BUS: usize = 1600;
/// The maximum length of the name of a configuration set.
const MAX_SET: usize = 64;

impl Environment {
    /// Returns the name of the SES configuration set, from `MAIL_CONFIGURATION_SET`. Returns `None` by default: mails
    /// are then sent without one, or with the default one of the sender's identity.
    ///
    /// # Errors
    /// If it is not the name of a configuration set.
    pub fn mail_configuration_set(&self) -> Result<Option<String>, ConfigError> {
        const VARIABLE: &str = "MAIL_CONFIGURATION_SET";
        let Some(name) = self.get(VARIABLE)? else {
            return Ok(None);
        };
        let fault = || ConfigError::new(VARIABLE, "must be at most 64 letters, digits, underscores and hyphens");
        is_name(name, MAX_SET, b"_-")
            .then(|| Some(name.to_owned()))
            .ok_or_else(fault)
    }

    /// Returns the name or the ARN of the event bus for events about users, from `EVENT_BUS`.
    ///
    /// # Errors
    /// If it is not set, or neither a name nor an ARN of a bus.
    pub fn event_bus(&self) -> Result<String, ConfigError> {
        const VARIABLE: &str = "EVENT_BUS";
        parse_bus(VARIABLE, self.require(VARIABLE)?)
    }

    /// Returns the name or the ARN of the event bus for mails, from `MAIL_BUS`, default `default`.
    ///
    /// # Errors
    /// If it is neither a name nor an ARN of a bus.
    pub fn mail_bus(&self) -> Result<String, ConfigError> {
        const VARIABLE: &str = "MAIL_BUS";
        parse_bus(VARIABLE, self.get(VARIABLE)?.unwrap_or(DEFAULT_BUS))
    }
}

fn parse_bus(variable: &str, bus: &str) -> Result<String, ConfigError> {
    let fault = || ConfigError::new(variable, "must be the name or the ARN of an event bus");
    is_name(bus, MAX_BUS, b"._/:-")
        .then(|| bus.to_owned())
        .ok_or_else(fault)
}

fn is_name(text: &str, max_length: usize, marks: &[u8]) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
    text.len() <= max_length && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn without_settings_there_is_no_configuration_set_and_the_bus_of_the_account() {
        let unset = Environment::from_iter([("OTHER", "1")]);

        assert_eq!(unset.mail_configuration_set(), Ok(None));
        assert_eq!(unset.mail_bus(), Ok("default".to_owned()));
    }

    #[rstest]
    #[case("mails", true, true)]
    #[case("Mails_of-2", true, true)]
    #[case("arn:aws:events:eu-west-1:123456789012:event-bus/mails", false, true)]
    #[case("two words", false, false)]
    #[case("\u{1}", false, false)]
    fn names_have_the_characters_that_aws_allows(#[case] name: &str, #[case] set: bool, #[case] bus: bool) {
        let variables = ["MAIL_CONFIGURATION_SET", "MAIL_BUS", "EVENT_BUS"];
        let environment = Environment::from_iter(variables.map(|variable| (variable, name)));

        assert_eq!(environment.mail_configuration_set().is_ok(), set);
        assert_eq!(environment.mail_bus().is_ok(), bus);
        assert_eq!(environment.event_bus().is_ok(), bus);
    }
}
