//! The refresh token of a request, which is in the body or in a cookie.

use std::fmt;

use claims::Delivery;
use config::Origins;

use crate::{Failure, Fields, Request, cookie::REFRESH};

/// An unverified refresh token from a request.
pub struct PresentedToken {
    /// The token. It is empty if there are several different cookies, which no browser sends.
    pub token: String,
    /// Whether the token came in the body or in a cookie.
    pub delivery: Delivery,
    /// All members of the body.
    pub fields: Fields,
}

impl Request {
    /// Returns the refresh token of a `POST` request. A token in the body takes precedence over one in the cookie,
    /// because browsers add cookies on their own.
    ///
    /// # Errors
    /// If the method is not `POST`, there is no token, the body is malformed, or the request comes from a page that may
    /// not make it.
    pub fn presented_token(&self, origins: &Origins) -> Result<PresentedToken, Failure> {
        let (fields, in_body) = self.body_and_token(origins)?;
        if let Some(token) = in_body {
            return Ok(PresentedToken {
                token,
                delivery: Delivery::Body,
                fields,
            });
        }
        let token = self.cookie(REFRESH).ok_or_else(Failure::login_required)?;
        self.admit(Delivery::Cookie, origins)?;
        Ok(PresentedToken {
            token,
            delivery: Delivery::Cookie,
            fields,
        })
    }

    /// Returns the members of the body, and the refresh token among them if there is one. Without a body there are no
    /// members. A request without a token in the body may rely on cookies, which browsers also send for pages of other
    /// sites. The page that sent it is therefore checked before any error in the body is returned.
    ///
    /// # Errors
    /// If the method is not `POST`, the body is malformed, or the request comes from a page that may not make it.
    pub(crate) fn body_and_token(&self, origins: &Origins) -> Result<(Fields, Option<String>), Failure> {
        self.require_post()?;
        let read = self.optional_body().and_then(|fields| {
            let fields = fields.unwrap_or_default();
            let token = fields.optional_text("refresh_token")?.map(str::to_owned);
            Ok((fields, token))
        });
        if !matches!(read, Ok((_, Some(_)))) {
            self.admit_page(origins)?;
        }
        read
    }
}

/// The token is a secret, so only its delivery and the names of the body's members are shown.
impl fmt::Debug for PresentedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PresentedToken")
            .field("delivery", &self.delivery)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http};
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    const ORIGIN: &str = "https://app.example.com";
    const IN_BODY: &str = r#"{"refresh_token":"in-body"}"#;

    #[rstest]
    #[case::body(&[], IN_BODY, Ok(("in-body", Delivery::Body)))]
    #[case::cookie(&["__Host-refresh=in-cookie"], "", Ok(("in-cookie", Delivery::Cookie)))]
    #[case::body_before_cookie(&["__Host-refresh=in-cookie"], IN_BODY, Ok(("in-body", Delivery::Body)))]
    #[case::null_is_none(&["__Host-refresh=c"], r#"{"refresh_token":null}"#, Ok(("c", Delivery::Cookie)))]
    #[case::null_body(&["__Host-refresh=c"], "null", Ok(("c", Delivery::Cookie)))]
    #[case::blank_body(&["__Host-refresh=c"], " \r\n", Ok(("c", Delivery::Cookie)))]
    #[case::among_others(&["a=1; __Host-refresh=c; b=2"], "", Ok(("c", Delivery::Cookie)))]
    #[case::in_a_header_of_its_own(&["a=1", "__Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::beside_a_foreign_letter(&["name=J\u{f6}rg; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::beside_a_replaced_byte(&["odd=\u{fffd}; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::beside_no_cookie_at_all(&["; ;=;nothing; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::the_same_twice(&["__Host-refresh=c; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::the_same_in_two_headers(&["__Host-refresh=c", "a=1; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::two(&["__Host-refresh=a; __Host-refresh=b"], "", Ok(("", Delivery::Cookie)))]
    #[case::two_in_two_headers(&["__Host-refresh=a", "__Host-refresh=b"], "", Ok(("", Delivery::Cookie)))]
    #[case::two_of_three(&["__Host-refresh=a; __Host-refresh=a; __Host-refresh=b"], "", Ok(("", Delivery::Cookie)))]
    #[case::empty(&["__Host-refresh="], "", Ok(("", Delivery::Cookie)))]
    #[case::other_name(&["refresh=a; __host-refresh=b; x__Host-refresh=c"], "", Err(ErrorCode::LoginRequired))]
    #[case::nowhere(&[], "{}", Err(ErrorCode::LoginRequired))]
    #[case::no_body(&[], "", Err(ErrorCode::LoginRequired))]
    #[case::blanks_alone(&[], " ", Err(ErrorCode::LoginRequired))]
    #[case::null_alone(&[], "null", Err(ErrorCode::LoginRequired))]
    #[case::no_text(&["__Host-refresh=c"], r#"{"refresh_token":1}"#, Err(ErrorCode::InvalidRequest))]
    #[case::no_json(&["__Host-refresh=c"], "{", Err(ErrorCode::InvalidRequest))]
    fn a_refresh_token_is_in_the_body_or_in_its_one_cookie(
        #[case] cookies: &[&str],
        #[case] body: &str,
        #[case] expected: Result<(&str, Delivery), ErrorCode>,
    ) {
        let found = request(cookies, body, Some(ORIGIN)).presented_token(&origins());

        let found = found.map(|found| (found.token, found.delivery));
        let expected = expected.map(|(token, delivery)| (token.to_owned(), delivery));
        assert_eq!(found.map_err(|failure| failure.code), expected);
    }

    #[rstest]
    #[case::good(&["__Host-refresh=c"], "")]
    #[case::twice(&["__Host-refresh=a; __Host-refresh=b"], "")]
    #[case::empty(&["__Host-refresh="], "")]
    #[case::no_token(&[], "")]
    #[case::no_token_in_a_body(&[], "{}")]
    #[case::no_json(&[], "{")]
    fn a_request_from_another_site_is_refused_with_any_content(#[case] cookies: &[&str], #[case] body: &str) {
        let request = request(cookies, body, Some("https://evil.example"));

        let failure = request.presented_token(&origins()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::CsrfFailed);
    }

    #[test]
    fn a_request_without_token_and_origin_is_answered_login_required() {
        let request = Request::from(http::Request::builder().method("POST").body(Body::Empty).unwrap());

        let failure = request.presented_token(&origins()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::LoginRequired);
    }

    #[test]
    fn a_body_may_come_from_anywhere() {
        let request = request(&["__Host-refresh=c"], IN_BODY, Some("https://evil.example"));

        let found = request.presented_token(&origins()).unwrap();

        assert_eq!(found.delivery, Delivery::Body);
    }

    #[test]
    fn a_token_is_not_shown() {
        let found = request(&[], IN_BODY, None).presented_token(&origins()).unwrap();

        assert_eq!(
            format!("{found:?}"),
            r#"PresentedToken { delivery: Body, fields: {"refresh_token"}, .. }"#
        );
    }

    fn request(cookies: &[&str], body: &str, origin: Option<&str>) -> Request {
        let fixed = [
            ("content-type", Some("application/json")),
            ("x-requested-with", Some("fetch")),
            ("origin", origin),
        ];
        let fixed = fixed.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let cookies = cookies.iter().map(|cookie| ("cookie", *cookie));
        fixed
            .chain(cookies)
            .fold(http::Request::builder().method("POST"), |builder, (name, value)| {
                builder.header(name, value)
            })
            .body(Body::from(body))
            .unwrap()
            .into()
    }

    fn origins() -> Origins {
        Origins::parse(ORIGIN).unwrap()
    }
}
