//! The settings of mail: who may register, what letters contain, and how many are sent.

use std::ops::RangeInclusive;

use auth::{
    mail::Language,
    register::NewUserClaims,
    user::{Email, InvalidEmail},
};

use crate::{ConfigError, Environment, KeyLocation};

/// The range for the number of mails in an hour.
const MAILS: RangeInclusive<u64> = 1..=1_000_000;
/// The range for the number of requests for mail from one source. Zero means no limit.
const REQUESTS: RangeInclusive<u64> = 0..=1_000_000;
/// The maximum length of the base of links in bytes. It leaves room for a token in a URL of 2,048 characters.
const MAX_URL: usize = 200;

/// Who may register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Nobody.
    Off,
    /// Everybody.
    On,
    /// Everybody with an address at one of these domains. The domains are in the form of DNS.
    Domains(Vec<String>),
}

impl Registration {
    /// Parses `off`, `on`, or a list of domains that are separated by commas. Returns `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            "on" => Some(Self::On),
            domains => domains
                .split(',')
                .map(normalise)
                .collect::<Option<_>>()
                .map(Self::Domains),
        }
    }

    /// Returns whether somebody with this address may register.
    #[must_use]
    pub fn admits(&self, email: &Email) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Domains(domains) => domains.iter().any(|domain| domain == email.domain()),
        }
    }
}

/// Returns a domain in the form of DNS, or `None` if it is not a domain with a dot.
fn normalise(domain: &str) -> Option<String> {
    let domain = domain.trim();
    let is_plain = domain.contains('.') && !domain.contains(['@', '/', ':', '*']);
    let email: Result<Email, InvalidEmail> = Email::parse(&format!("name@{domain}"));
    is_plain.then_some(email.ok()?.domain().to_owned())
}

impl Environment {
    /// Returns the name of the table of requested mails, from `MAIL_TABLE`.
    ///
    /// # Errors
    /// If it is not set, or not a valid table name.
    pub fn mail_table(&self) -> Result<String, ConfigError> {
        self.table("MAIL_TABLE")
    }

    /// Returns the name of the table of requested mails, or `None` if the deployment sends no mail.
    ///
    /// # Errors
    /// If it is not a valid table name.
    pub fn optional_mail_table(&self) -> Result<Option<String>, ConfigError> {
        let name = self.get("MAIL_TABLE")?;
        name.map(|_| self.mail_table()).transpose()
    }

    /// Returns the location of the keys that seal the addresses of requested mails, from `MAIL_KEY_SECRET`,
    /// `MAIL_KEY_FILE` or `MAIL_KEY`.
    ///
    /// # Errors
    /// If none is set, more than one is set, the file cannot be read, or the secret's name is invalid.
    pub fn mail_keys(&self) -> Result<KeyLocation, ConfigError> {
        self.keys("MAIL_KEY")
    }

    /// Returns who may register, from `REGISTRATION`: `off`, `on`, or domains separated by commas. The default is
    /// `off`.
    ///
    /// # Errors
    /// If the value is anything else.
    pub fn registration(&self) -> Result<Registration, ConfigError> {
        const VARIABLE: &str = "REGISTRATION";
        let text = self.get(VARIABLE)?.unwrap_or("off");
        Registration::parse(text)
            .ok_or_else(|| ConfigError::new(VARIABLE, "must be off, on, or domains separated by commas"))
    }

    /// Returns what a user who registers gets.
    ///
    /// | variable | default | |
    /// |---|---|---|
    /// | `REGISTRATION_ROLE` | `user` | the role |
    /// | `REGISTRATION_SCOPE` | empty | the permissions, separated by single spaces |
    ///
    /// # Errors
    /// If a variable is invalid.
    pub fn new_user_claims(&self) -> Result<NewUserClaims, ConfigError> {
        Ok(NewUserClaims {
            role: self.parse_or("REGISTRATION_ROLE", "user")?,
            scope: self.parse_or("REGISTRATION_SCOPE", "")?,
        })
    }

    /// Returns the maximum number of mails that are requested from one source in 15 minutes, from `SOURCE_MAIL_LIMIT`:
    /// 0 to 1000000, default 20. Returns `None` for 0, which means no limit.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn source_mail_limit(&self) -> Result<Option<u64>, ConfigError> {
        let limit = self.number("SOURCE_MAIL_LIMIT", 20, REQUESTS)?;
        Ok((limit > 0).then_some(limit))
    }

    /// Returns the base of the links in letters, from `APP_URL`, or from `ISSUER` if that is not set. It has no slash
    /// at its end. It is never taken from a request, because anyone can send any `Host`.
    ///
    /// # Errors
    /// If it is not an `http` or `https` URL without a query, a fragment or a slash at its end, or is too long.
    pub fn app_url(&self) -> Result<String, ConfigError> {
        const VARIABLE: &str = "APP_URL";
        let Some(url) = self.get(VARIABLE)? else {
            return Ok(self.issuer()?.to_string());
        };
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let is_plain = |host: &str| {
            let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"?#@\"'<>\\".contains(&byte);
            !host.is_empty() && !host.starts_with('/') && host.bytes().all(is_allowed)
        };
        let is_url = host.is_some_and(is_plain) && !url.ends_with('/') && url.len() <= MAX_URL;
        is_url.then(|| url.to_owned()).ok_or_else(|| {
            let fault = format!(
                "must be a URL of at most {MAX_URL} characters without a query, a fragment or a trailing slash"
            );
            ConfigError::new(VARIABLE, &fault)
        })
    }

    /// Returns the sender of letters, from `MAIL_FROM`: an address, or a name and an address such as
    /// `Example <login@example.com>`.
    ///
    /// # Errors
    /// If it is missing, has a line break, or has no address.
    pub fn mail_from(&self) -> Result<MailFrom, ConfigError> {
        const VARIABLE: &str = "MAIL_FROM";
        MailFrom::parse(self.require(VARIABLE)?).ok_or_else(|| {
            ConfigError::new(
                VARIABLE,
                "must be an address, or a name and an address in angle brackets",
            )
        })
    }

    /// Returns the language of letters if a request names none, from `MAIL_LANGUAGE`, default `en`.
    ///
    /// # Errors
    /// If it is not a language tag.
    pub fn mail_language(&self) -> Result<Language, ConfigError> {
        const VARIABLE: &str = "MAIL_LANGUAGE";
        let text = self.get(VARIABLE)?.unwrap_or("en");
        Language::parse(text).map_err(|fault| ConfigError::new(VARIABLE, &fault))
    }

    /// Returns whether letters have codes besides their links, from `MAIL_CODES`: `on` or `off`, default `on`.
    ///
    /// # Errors
    /// If it is neither of the two.
    pub fn has_mail_codes(&self) -> Result<bool, ConfigError> {
        self.one_of("MAIL_CODES", [("on", true), ("off", false)])
    }

    /// Returns the maximum number of letters to users in an hour, from
    /// `MAILS_PER_HOUR`: 1 to 1000000, default 500.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn mails_per_hour(&self) -> Result<u64, ConfigError> {
        self.number("MAILS_PER_HOUR", 500, MAILS)
    }

    /// Returns the maximum number of letters in an hour to addresses that no user has, from
    /// `REGISTRATION_MAILS_PER_HOUR`: 1 to 1000000, default 100.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn registration_mails_per_hour(&self) -> Result<u64, ConfigError> {
        self.number("REGISTRATION_MAILS_PER_HOUR", 100, MAILS)
    }
}

/// The sender of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFrom {
    /// The whole value, as it stands in the `From` header.
    pub header: String,
    /// The name before the address, if there is one.
    pub name: Option<String>,
}

impl MailFrom {
    /// Parses an address, or a name and an address in angle brackets.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.split_once('<')) {
            Some((name, address)) => (Some(name.trim()), address),
            None => (None, text),
        };
        let name = name
            .filter(|name| !name.is_empty())
            .map(|name| name.trim_matches('"').to_owned());
        let is_plain = !text.contains(char::is_control) && !address.contains(['<', '>', ',', ' ']);
        (is_plain && Email::parse(address).is_ok()).then(|| Self {
            header: text.to_owned(),
            name,
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("off", Some(Registration::Off))]
    #[case("", Some(Registration::Off))]
    #[case("on", Some(Registration::On))]
    #[case("example.com", Some(Registration::Domains(vec!["example.com".to_owned()])))]
    #[case(
        "Example.com, b\u{fc}cher.example",
        Some(Registration::Domains(vec!["example.com".to_owned(), "xn--bcher-kva.example".to_owned()]))
    )]
    #[case("yes", None)]
    #[case("@example.com", None)]
    #[case("*.example.com", None)]
    #[case("example.com,", None)]
    fn registration_is_off_or_on_or_for_domains(#[case] text: &str, #[case] expected: Option<Registration>) {
        let registration = environment("REGISTRATION", text).registration();

        assert_eq!(registration.ok(), expected);
    }

    #[rstest]
    #[case("ada@example.com", true)]
    #[case("ada@EXAMPLE.com.", true)]
    #[case("ada@sub.example.com", false)]
    #[case("ada@badexample.com", false)]
    #[case("ada@xn--bcher-kva.example", true)]
    fn a_domain_admits_its_own_addresses_alone(#[case] email: &str, #[case] expected: bool) {
        let registration = Registration::parse("example.com,b\u{fc}cher.example").unwrap();
        let email = Email::parse(email).unwrap();

        assert_eq!(registration.admits(&email), expected);
        assert!(Registration::On.admits(&email));
        assert!(!Registration::Off.admits(&email));
    }

    #[rstest]
    #[case("https://app.example.com", true)]
    #[case("http://localhost:3000", true)]
    #[case("https://example.com/app", true)]
    #[case("https://example.com/", false)]
    #[case("https://", false)]
    #[case("https:///path", false)]
    #[case("ftp://example.com", false)]
    #[case("https://example.com?x=1", false)]
    #[case("https://user@example.com", false)]
    #[case("https://example.com/\"><b>", false)]
    #[case("https://example.com/a b", false)]
    fn the_base_of_links_is_a_plain_url(#[case] url: &str, #[case] accepted: bool) {
        assert_eq!(environment("APP_URL", url).app_url().is_ok(), accepted);
    }

    #[test]
    fn links_lead_to_the_issuer_by_default() {
        let environment = environment("ISSUER", "https://auth.example.com");

        assert_eq!(environment.app_url(), Ok("https://auth.example.com".to_owned()));
    }

    #[rstest]
    #[case("login@example.com", Some(""))]
    #[case("Example <login@example.com>", Some("Example"))]
    #[case("\"Example, Inc.\" <login@example.com>", Some("Example, Inc."))]
    #[case("<login@example.com>", Some(""))]
    #[case("Example", None)]
    #[case("Example <login@example.com> more", None)]
    #[case("a@example.com, b@example.com", None)]
    #[case("Example <a@example.com, b@example.com>", None)]
    #[case("Example\r\nBcc: a@example.com <login@example.com>", None)]
    fn the_sender_is_one_address(#[case] text: &str, #[case] expected: Option<&str>) {
        let from = environment("MAIL_FROM", text).mail_from().ok();

        let name = from.as_ref().map(|from| from.name.as_deref().unwrap_or_default());
        assert_eq!(name, expected);
        assert!(from.is_none_or(|from| from.header == text));
    }

    #[test]
    fn defaults_are_small_and_zero_requests_mean_no_limit() {
        let defaults = environment("OTHER", "1");

        assert_eq!(defaults.mails_per_hour(), Ok(500));
        assert_eq!(defaults.registration_mails_per_hour(), Ok(100));
        assert_eq!(defaults.source_mail_limit(), Ok(Some(20)));
        assert_eq!(defaults.has_mail_codes(), Ok(true));
        assert_eq!(environment("SOURCE_MAIL_LIMIT", "0").source_mail_limit(), Ok(None));
        assert!(environment("MAILS_PER_HOUR", "0").mails_per_hour().is_err());
    }

    fn environment(variable: &str, value: &str) -> Environment {
        Environment::from_iter([(variable, value)])
    }
}
