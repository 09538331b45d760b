//! Requests to log out: their refresh tokens, and which sessions to end.

use std::fmt;

use auth::session::LogoutScope;
use claims::Delivery;
use config::Origins;

use crate::{Failure, Request, cookie::REFRESH};

/// The maximum number of refresh tokens in one request. Each one costs a write.
const MAX_TOKENS: usize = 4;

/// The scopes of a logout, by their names in requests.
const SCOPES: &[(&str, LogoutScope)] = &[
    ("session", LogoutScope::Session),
    ("others", LogoutScope::Others),
    ("all", LogoutScope::All),
];

/// A request to log out.
pub struct LogoutRequest {
    /// The distinct refresh tokens from the body and the cookies, unverified. There may be none.
    pub tokens: Vec<String>,
    /// Which sessions to end.
    pub scope: LogoutScope,
    /// `Cookie` if a token came in a cookie, otherwise `Body`. With `Cookie`, the answer deletes the cookie, unless
    /// only other sessions end.
    pub delivery: Delivery,
}

impl Request {
    /// Returns the logout that a `POST` request asks for, with the refresh tokens in its body and in its cookies. A
    /// token in the body does not replace the one in the cookie: otherwise the cookie's session would outlive the
    /// logout.
    ///
    /// # Errors
    /// If the method is not `POST`, the body is malformed, the request comes from a page that may not make it, or there
    /// are too many tokens. With the scope `others`, two tokens are too many, because it is unclear which session
    /// should continue.
    pub fn logout_request(&self, origins: &Origins) -> Result<LogoutRequest, Failure> {
        let (fields, in_body) = self.body_and_token(origins)?;
        let mut tokens = self.cookies(REFRESH);
        let delivery = if tokens.is_empty() {
            Delivery::Body
        } else {
            Delivery::Cookie
        };
        self.admit(delivery, origins)?;
        let scope = fields.one_of("scope", SCOPES, LogoutScope::Session)?;
        tokens.extend(in_body.filter(|token| !tokens.contains(token)));
        if tokens.len() > MAX_TOKENS {
            let description = format!("there are more than {MAX_TOKENS} different refresh tokens");
            return Err(Failure::invalid_request(description));
        }
        if scope == LogoutScope::Others && tokens.len() > 1 {
            let description = "there are several refresh tokens: send only the one whose session should continue";
            return Err(Failure::invalid_request(description));
        }
        Ok(LogoutRequest {
            tokens,
            scope,
            delivery,
        })
    }
}

/// Tokens are secrets, so only their number is shown.
impl fmt::Debug for LogoutRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogoutRequest")
            .field("tokens", &self.tokens.len())
            .field("scope", &self.scope)
            .field("delivery", &self.delivery)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http};
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    const ORIGIN: &str = "https://app.example.com";
    const EVIL: &str = "https://evil.example";

    #[rstest]
    #[case::nothing(&[], "", Ok(("", Delivery::Body)))]
    #[case::blanks(&[], " \n", Ok(("", Delivery::Body)))]
    #[case::null(&[], "null", Ok(("", Delivery::Body)))]
    #[case::no_member(&[], "{}", Ok(("", Delivery::Body)))]
    #[case::body(&[], r#"{"refresh_token":"b"}"#, Ok(("b", Delivery::Body)))]
    #[case::cookie(&["__Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::cookie_and_null(&["__Host-refresh=c"], "null", Ok(("c", Delivery::Cookie)))]
    #[case::one_cookie_twice(&["__Host-refresh=c", "__Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::two_cookies(&["__Host-refresh=c", "__Host-refresh=d"], "", Ok(("c,d", Delivery::Cookie)))]
    #[case::both_ways(&["__Host-refresh=c"], r#"{"refresh_token":"b"}"#, Ok(("c,b", Delivery::Cookie)))]
    #[case::one_both_ways(&["__Host-refresh=c"], r#"{"refresh_token":"c"}"#, Ok(("c", Delivery::Cookie)))]
    #[case::all_of_several(
        &["__Host-refresh=c"],
        r#"{"refresh_token":"b","scope":"all"}"#,
        Ok(("c,b", Delivery::Cookie))
    )]
    #[case::others_of_one(&["__Host-refresh=c"], r#"{"scope":"others"}"#, Ok(("c", Delivery::Cookie)))]
    #[case::others_of_several(
        &["__Host-refresh=c"],
        r#"{"refresh_token":"b","scope":"others"}"#,
        Err(ErrorCode::InvalidRequest)
    )]
    #[case::too_many(
        &["__Host-refresh=1; __Host-refresh=2; __Host-refresh=3; __Host-refresh=4"],
        r#"{"refresh_token":"5"}"#,
        Err(ErrorCode::InvalidRequest)
    )]
    #[case::unknown_scope(&[], r#"{"scope":"galaxy"}"#, Err(ErrorCode::InvalidRequest))]
    #[case::no_string(&["__Host-refresh=c"], r#"{"refresh_token":1}"#, Err(ErrorCode::InvalidRequest))]
    fn every_token_that_is_shown_is_found(
        #[case] cookies: &[&str],
        #[case] body: &str,
        #[case] expected: Result<(&str, Delivery), ErrorCode>,
    ) {
        let found = request(cookies, body, ORIGIN).logout_request(&origins());

        let found = found.map(|found| (found.tokens.join(","), found.delivery));
        let expected = expected.map(|(tokens, delivery)| (tokens.to_owned(), delivery));
        assert_eq!(found.map_err(|failure| failure.code), expected);
    }

    #[rstest]
    #[case::cookie(&["__Host-refresh=c"], "", Err(ErrorCode::CsrfFailed))]
    #[case::nothing(&[], "", Err(ErrorCode::CsrfFailed))]
    #[case::body_and_cookie(&["__Host-refresh=c"], r#"{"refresh_token":"b"}"#, Err(ErrorCode::CsrfFailed))]
    #[case::body(&[], r#"{"refresh_token":"b"}"#, Ok(()))]
    fn another_site_ends_only_a_session_whose_token_it_sends(
        #[case] cookies: &[&str],
        #[case] body: &str,
        #[case] expected: Result<(), ErrorCode>,
    ) {
        let found = request(cookies, body, EVIL).logout_request(&origins());

        assert_eq!(found.map(|_| ()).map_err(|failure| failure.code), expected);
    }

    #[test]
    fn tokens_are_not_shown() {
        let found = request(&["__Host-refresh=canary"], "", ORIGIN)
            .logout_request(&origins())
            .unwrap();

        assert_eq!(
            format!("{found:?}"),
            "LogoutRequest { tokens: 1, scope: Session, delivery: Cookie }"
        );
    }

    fn request(cookies: &[&str], body: &str, origin: &str) -> Request {
        let builder = http::Request::builder()
            .method("POST")
            .header("content-type", "application/json")
            .header("x-requested-with", "fetch")
            .header("origin", origin);
        let with_cookies = cookies
            .iter()
            .fold(builder, |builder, cookie| builder.header("cookie", *cookie));
        with_cookies.body(Body::from(body)).unwrap().into()
    }

    fn origins() -> Origins {
        Origins::parse(ORIGIN).unwrap()
    }
}
