//! Where a refresh token is found in a request: in the body, or in its cookie.

use std::fmt;

use claims::Delivery;
use config::Origins;
use lambda_http::Request;

use crate::{
    Failure, Fields, admit,
    cookie::{self, REFRESH},
    request::optional_body,
};

/// A refresh token as it came, not looked at yet.
pub struct PresentedToken {
    /// The token's text; empty for a cookie that is there twice, which no browser sends.
    pub token: String,
    /// The way by which it came.
    pub delivery: Delivery,
    /// The rest of the body.
    pub fields: Fields,
}

/// Finds the refresh token of a `POST` request. One in the body goes before one in the cookie, which browsers add
/// unasked.
///
/// # Errors
/// When there is none, the body is malformed, or it came by cookie from where no cookie may come.
pub fn presented_token(request: &Request, origins: &Origins) -> Result<PresentedToken, Failure> {
    let fields = optional_body(request)?.unwrap_or_default();
    if let Some(token) = fields.optional_text("refresh_token")? {
        return Ok(PresentedToken {
            token: token.to_owned(),
            delivery: Delivery::Body,
            fields,
        });
    }
    let token = cookie::presented(request, REFRESH)
        .ok_or_else(|| Failure::invalid_request("there is no refresh token in the body or the cookie"))?;
    admit(request, Delivery::Cookie, origins)?;
    Ok(PresentedToken {
        token,
        delivery: Delivery::Cookie,
        fields,
    })
}

/// The token is a secret: only the way by which it came is shown.
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
    #[case::among_others(&["a=1; __Host-refresh=c; b=2"], "", Ok(("c", Delivery::Cookie)))]
    #[case::in_a_header_of_its_own(&["a=1", "__Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::beside_a_foreign_letter(&["name=J\u{f6}rg; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::beside_a_replaced_byte(&["odd=\u{fffd}; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::beside_no_cookie_at_all(&["; ;=;nothing; __Host-refresh=c"], "", Ok(("c", Delivery::Cookie)))]
    #[case::twice(&["__Host-refresh=a; __Host-refresh=b"], "", Ok(("", Delivery::Cookie)))]
    #[case::twice_in_two_headers(&["__Host-refresh=a", "__Host-refresh=b"], "", Ok(("", Delivery::Cookie)))]
    #[case::empty(&["__Host-refresh="], "", Ok(("", Delivery::Cookie)))]
    #[case::other_name(&["refresh=a; __host-refresh=b; x__Host-refresh=c"], "", Err(ErrorCode::InvalidRequest))]
    #[case::nowhere(&[], "{}", Err(ErrorCode::InvalidRequest))]
    #[case::no_text(&["__Host-refresh=c"], r#"{"refresh_token":1}"#, Err(ErrorCode::InvalidRequest))]
    #[case::no_json(&["__Host-refresh=c"], "{", Err(ErrorCode::InvalidRequest))]
    fn a_refresh_token_is_in_the_body_or_in_its_one_cookie(
        #[case] cookies: &[&str],
        #[case] body: &str,
        #[case] expected: Result<(&str, Delivery), ErrorCode>,
    ) {
        let found = presented_token(&request(cookies, body, Some(ORIGIN)), &origins());

        let found = found.map(|found| (found.token, found.delivery));
        let expected = expected.map(|(token, delivery)| (token.to_owned(), delivery));
        assert_eq!(found.map_err(|failure| failure.code), expected);
    }

    #[rstest]
    #[case::good("__Host-refresh=c")]
    #[case::twice("__Host-refresh=a; __Host-refresh=b")]
    #[case::empty("__Host-refresh=")]
    fn a_cookie_from_another_site_is_refused_whatever_is_in_it(#[case] cookie: &str) {
        let request = request(&[cookie], "", Some("https://evil.example"));

        let failure = presented_token(&request, &origins()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::CsrfFailed);
    }

    #[test]
    fn a_body_may_come_from_anywhere() {
        let request = request(&["__Host-refresh=c"], IN_BODY, Some("https://evil.example"));

        let found = presented_token(&request, &origins()).unwrap();

        assert_eq!(found.delivery, Delivery::Body);
    }

    #[test]
    fn a_token_is_not_shown() {
        let found = presented_token(&request(&[], IN_BODY, None), &origins()).unwrap();

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
    }

    fn origins() -> Origins {
        Origins::parse(ORIGIN).unwrap()
    }
}
