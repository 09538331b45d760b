//! The settings for the authorizer's requests and responses.

use claims::Span;

use crate::{ConfigError, Environment};

/// The maximum time in seconds for which API Gateway caches an authorizer's answer, from its documented quotas.
const MAX_CACHE: u64 = 3600;

/// The format of the authorizer's responses to HTTP APIs with payload format 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizerResponse {
    /// API Gateway's simple response: `isAuthorized` and the context.
    Simple,
    /// An IAM policy and the context.
    Policy,
}

impl Environment {
    /// Returns the format of responses to HTTP APIs with payload format 2.0, from `AUTHORIZER_RESPONSE`: `policy` or
    /// `simple`, default `policy`.
    ///
    /// # Errors
    /// If the value is neither.
    pub fn authorizer_response(&self) -> Result<AuthorizerResponse, ConfigError> {
        let words = [
            ("policy", AuthorizerResponse::Policy),
            ("simple", AuthorizerResponse::Simple),
        ];
        self.one_of("AUTHORIZER_RESPONSE", words)
    }

    /// Returns the longest time for which any API caches an [`AuthorizerResponse::Simple`], from
    /// `AUTHORIZER_CACHE_SECONDS`: 0 to 3600 seconds, default 0.
    ///
    /// # Errors
    /// If the value is invalid or out of range.
    pub fn authorizer_cache(&self) -> Result<Span, ConfigError> {
        self.seconds("AUTHORIZER_CACHE_SECONDS", 0, 0..=MAX_CACHE)
    }

    /// Returns the name of the query parameter in which clients of a WebSocket API may send their token, from
    /// `AUTHORIZER_QUERY_PARAMETER`. Returns `None` if the variable is not set. By default, clients may therefore not
    /// send a token in a URL, because URLs appear in logs (RFC 6750 s2.3).
    ///
    /// # Errors
    /// If the name has characters other than letters, digits, `-`, `.`, `_` and `~`.
    pub fn authorizer_query_parameter(&self) -> Result<Option<String>, ConfigError> {
        const VARIABLE: &str = "AUTHORIZER_QUERY_PARAMETER";
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let name = self.get(VARIABLE)?;
        if name.is_some_and(|name| !name.bytes().all(plain)) {
            let fault = "must be a name of letters, digits, and the characters - . _ ~";
            return Err(ConfigError::new(VARIABLE, fault));
        }
        Ok(name.map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_apis_get_policies_unless_simple_answers_are_chosen() {
        for (value, expected) in [
            ("", Some(AuthorizerResponse::Policy)),
            ("policy", Some(AuthorizerResponse::Policy)),
            ("simple", Some(AuthorizerResponse::Simple)),
            ("Simple", None),
        ] {
            let response = Environment::from_iter([("AUTHORIZER_RESPONSE", value)]).authorizer_response();

            assert_eq!(response.ok(), expected, "{value}");
        }
    }

    #[test]
    fn a_cache_time_is_at_most_that_of_a_gateway() {
        for (value, expected) in [
            ("", Some(0)),
            ("0", Some(0)),
            ("60", Some(60)),
            ("3600", Some(3600)),
            ("3601", None),
            ("-1", None),
            ("long", None),
        ] {
            let cache = Environment::from_iter([("AUTHORIZER_CACHE_SECONDS", value)]).authorizer_cache();

            assert_eq!(cache.ok(), expected.map(Span::seconds), "{value}");
        }
    }

    #[test]
    fn a_token_is_read_from_the_query_only_if_a_parameter_is_named() {
        for (value, expected) in [
            ("", Some(None)),
            ("access_token", Some(Some("access_token".to_owned()))),
            ("a b", None),
            ("a=b", None),
            ("\u{e9}", None),
        ] {
            let parameter =
                Environment::from_iter([("AUTHORIZER_QUERY_PARAMETER", value)]).authorizer_query_parameter();

            assert_eq!(parameter.ok(), expected, "{value}");
        }
    }
}
