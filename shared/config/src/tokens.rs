//! The settings for tokens: their claims and lifetimes.

use std::ops::RangeInclusive;

use auth::session::{Recovery, RefreshRule};
use claims::{Access, Issuer, Lifetimes, Refresh, Span, TokenKind as _, TokenTerms};

use crate::{ConfigError, Environment};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

impl Environment {
    /// Returns the settings with which tokens are issued.
    ///
    /// | variable | default | |
    /// |---|---|---|
    /// | `ISSUER` | - | the `iss` claim: an `https` URL without a slash at its end |
    /// | `AUDIENCE` | - | the `aud` claim of access tokens: the API |
    /// | `CLIENT_ID` | `gatehouse` | the `client_id` claim |
    /// | `ACCESS_TOKEN_SECONDS` | 900 | the lifetime of an access token: 300 to 3600 seconds |
    /// | `REFRESH_IDLE_SECONDS` | 604800 | the lifetime of an unused refresh token: 1 to 90 days, in seconds |
    /// | `REFRESH_ABSOLUTE_SECONDS` | 2592000 | the lifetime of a session: `REFRESH_IDLE_SECONDS` to 365 days |
    ///
    /// # Errors
    /// If a variable is missing, invalid or out of range.
    pub fn token_terms(&self) -> Result<TokenTerms, ConfigError> {
        let idle = self.seconds("REFRESH_IDLE_SECONDS", 7 * DAY, DAY..=Refresh::MAX_LIFE.get())?;
        Ok(TokenTerms {
            issuer: self.issuer()?,
            audience: self.parse("AUDIENCE")?,
            client_id: self.parse_or("CLIENT_ID", "gatehouse")?,
            lifetimes: Lifetimes {
                access: self.seconds("ACCESS_TOKEN_SECONDS", 15 * MINUTE, 5 * MINUTE..=Access::MAX_LIFE.get())?,
                idle,
                absolute: self.seconds("REFRESH_ABSOLUTE_SECONDS", 30 * DAY, idle.get()..=365 * DAY)?,
            },
        })
    }

    /// Returns the issuer, from `ISSUER`: an `https` URL without a query, a fragment, or a slash at its end (RFC 8414
    /// s2). A URL of the local machine may be `http`.
    ///
    /// # Errors
    /// If it is missing or not such a URL.
    pub fn issuer(&self) -> Result<Issuer, ConfigError> {
        let issuer: Issuer = self.parse("ISSUER")?;
        let url = issuer.as_str();
        let secure = url.starts_with("https://") || is_local(url);
        let plain = !url.ends_with('/') && !url.contains(['?', '#']);
        (secure && plain).then_some(issuer).ok_or_else(|| {
            ConfigError::new(
                "ISSUER",
                "must be an https URL without a query, a fragment or a trailing slash",
            )
        })
    }

    /// Returns the audience of access tokens, from `AUDIENCE`.
    ///
    /// # Errors
    /// If it is missing or invalid.
    pub fn audience(&self) -> Result<claims::Audience, ConfigError> {
        self.parse("AUDIENCE")
    }

    /// Returns the refresh rule.
    ///
    /// | variable | default | |
    /// |---|---|---|
    /// | `REFRESH_WINDOW_SECONDS` | 10 | the window in which a refresh gets the same tokens again: 5 to 60 seconds |
    /// | `REFRESH_RECOVERY` | `on` | whether a used token may be presented once after the window: `on` or `off` |
    ///
    /// # Errors
    /// If a variable is invalid or out of range.
    pub fn refresh_rule(&self) -> Result<RefreshRule, ConfigError> {
        Ok(RefreshRule {
            window: self.seconds("REFRESH_WINDOW_SECONDS", 10, 5..=60)?,
            recovery: self.one_of("REFRESH_RECOVERY", [("on", Recovery::On), ("off", Recovery::Off)])?,
        })
    }

    pub(crate) fn seconds(
        &self,
        variable: &str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Result<Span, ConfigError> {
        self.number(variable, default, range).map(Span::seconds)
    }
}

/// Returns whether a URL is on this machine. Only a port, a path or nothing may follow the host, so that a longer host
/// name does not match.
fn is_local(url: &str) -> bool {
    ["http://localhost", "http://127.0.0.1"]
        .iter()
        .filter_map(|host| url.strip_prefix(host))
        .any(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn only_issuer_and_audience_are_required() {
        let terms = environment(&[]).token_terms().unwrap();

        assert_eq!(terms.client_id.as_str(), "gatehouse");
        assert_eq!(terms.lifetimes.access, Span::seconds(900));
        assert_eq!(terms.lifetimes.idle, Span::seconds(604_800));
        assert_eq!(terms.lifetimes.absolute, Span::seconds(2_592_000));
    }

    #[rstest]
    #[case("ISSUER", "", "ISSUER: not set")]
    #[case("ISSUER", "http://example.com", "ISSUER: must be an https URL")]
    #[case("ISSUER", "https://example.com/", "ISSUER: must be an https URL")]
    #[case("AUDIENCE", "", "AUDIENCE: not set")]
    #[case("AUDIENCE", "two words", "AUDIENCE: audience: must be")]
    #[case(
        "ACCESS_TOKEN_SECONDS",
        "299",
        "ACCESS_TOKEN_SECONDS: must be a number from 300 to 3600"
    )]
    #[case("ACCESS_TOKEN_SECONDS", "15m", "ACCESS_TOKEN_SECONDS: must be a number")]
    #[case("REFRESH_ABSOLUTE_SECONDS", "604799", "REFRESH_ABSOLUTE_SECONDS: must be a number")]
    fn a_bad_value_names_its_variable(#[case] variable: &str, #[case] value: &str, #[case] message: &str) {
        let error = environment(&[(variable, value)]).token_terms().unwrap_err();

        assert!(error.to_string().starts_with(message), "{error}");
    }

    #[rstest]
    #[case("https://issuer.example", true)]
    #[case("https://issuer.example/prod", true)]
    #[case("http://localhost", true)]
    #[case("http://localhost:3000", true)]
    #[case("http://127.0.0.1/prod", true)]
    #[case("http://localhost.evil.example", false)]
    #[case("http://localhost@evil.example", false)]
    #[case("http://127.0.0.1.evil.example", false)]
    #[case("http://127.0.0.10", false)]
    #[case("http://localhost:3000/", false)]
    #[case("ftp://issuer.example", false)]
    #[case("https://issuer.example?a", false)]
    fn an_issuer_is_reached_by_https_or_on_this_machine(#[case] issuer: &str, #[case] accepted: bool) {
        assert_eq!(environment(&[("ISSUER", issuer)]).issuer().is_ok(), accepted);
    }

    #[test]
    fn the_window_has_its_bounds() {
        for (value, expected) in [
            ("", Some(10)),
            ("5", Some(5)),
            ("60", Some(60)),
            ("4", None),
            ("61", None),
        ] {
            let rule = environment(&[("REFRESH_WINDOW_SECONDS", value)]).refresh_rule();

            assert_eq!(rule.ok().map(|rule| rule.window.get()), expected, "{value}");
        }
    }

    #[test]
    fn a_late_token_is_forgiven_once_by_default() {
        for (value, expected) in [
            ("", Ok(Recovery::On)),
            ("off", Ok(Recovery::Off)),
            ("no", Err("REFRESH_RECOVERY: must be on or off")),
        ] {
            let rule = environment(&[("REFRESH_RECOVERY", value)]).refresh_rule();

            let found = rule.map(|rule| rule.recovery).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned));
        }
    }

    fn environment(changes: &[(&str, &str)]) -> Environment {
        [("ISSUER", "https://issuer.example"), ("AUDIENCE", "dashboard")]
            .iter()
            .chain(changes)
            .copied()
            .collect()
    }
}
