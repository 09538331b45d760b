//! The defence against cross-site request forgery (CSRF): which pages may use cookies.

use claims::Delivery;
use config::Origins;
use lambda_http::http::{HeaderName, header};

use crate::{ErrorCode, Failure, Request};

const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The maximum number of characters that an error description quotes from the value of a header.
const MAX_SHOWN: usize = 100;

impl Request {
    /// Admits a request, depending on how its tokens are delivered. With delivery in the body, every request is
    /// admitted. With delivery by cookie, the request must have the header `X-Requested-With`, which another site can
    /// add only after a CORS preflight, and must come from an allowed page if it comes from a browser.
    ///
    /// # Errors
    /// If another site could have made the request.
    pub fn admit(&self, delivery: Delivery, origins: &Origins) -> Result<(), Failure> {
        match delivery {
            Delivery::Body => Ok(()),
            Delivery::Cookie => {
                self.admit_page(origins)?;
                self.require_intent()
            }
        }
    }

    /// Admits a request if its `Origin` is on the list and its `Sec-Fetch-Site` is `same-origin`, `same-site` or
    /// `none`. Either header may be missing, because only browsers send them. A header that is present must have
    /// exactly one value.
    ///
    /// # Errors
    /// If another site may have made the request.
    pub(crate) fn admit_page(&self, origins: &Origins) -> Result<(), Failure> {
        let origin = self.values(&header::ORIGIN);
        match origin.as_slice() {
            [] => {}
            [one] if origins.contains(one) => {}
            [one] => return Err(csrf_failure(format!("the origin {} is not allowed", quote(one)))),
            _ => return Err(csrf_failure("there are several Origin headers")),
        }
        let site = self.values(&SEC_FETCH_SITE);
        match site.as_slice() {
            // `none`: the user started the request, for example by typing the address (Fetch Metadata s2.3).
            [] | ["same-origin" | "same-site" | "none"] => Ok(()),
            [one] => Err(csrf_failure(format!("the header Sec-Fetch-Site is {}", quote(one)))),
            _ => Err(csrf_failure("there are several Sec-Fetch-Site headers")),
        }
    }

    fn require_intent(&self) -> Result<(), Failure> {
        match self.values(&X_REQUESTED_WITH).as_slice() {
            [one] if !one.is_empty() => Ok(()),
            [] | [_] => Err(csrf_failure("requests with a cookie need the header X-Requested-With")),
            _ => Err(csrf_failure("there are several X-Requested-With headers")),
        }
    }
}

fn csrf_failure(description: impl Into<String>) -> Failure {
    Failure::refused(ErrorCode::CsrfFailed, description)
}

/// Returns the start of a value from the caller, in backticks. Quotes, backslashes and everything that is not printable
/// ASCII are escaped.
fn quote(value: &str) -> String {
    let start: String = value.chars().take(MAX_SHOWN).collect();
    format!("`{}`", start.escape_default())
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http};
    use rstest::rstest;

    use super::*;

    const GOOD: &str = "https://app.example.com";

    #[rstest]
    #[case::no_browser(&[("x-requested-with", "curl")], true)]
    #[case::listed(&[("x-requested-with", "x"), ("origin", GOOD)], true)]
    #[case::listed_in_another_case(&[("x-requested-with", "x"), ("origin", "https://APP.example.com")], true)]
    #[case::same_origin(&[("x-requested-with", "x"), ("origin", GOOD), ("sec-fetch-site", "same-origin")], true)]
    #[case::same_site(&[("x-requested-with", "x"), ("origin", GOOD), ("sec-fetch-site", "same-site")], true)]
    #[case::by_the_user(&[("x-requested-with", "x"), ("sec-fetch-site", "none")], true)]
    #[case::without_header(&[("origin", GOOD)], false)]
    #[case::empty_header(&[("x-requested-with", ""), ("origin", GOOD)], false)]
    #[case::other_origin(&[("x-requested-with", "x"), ("origin", "https://evil.example")], false)]
    #[case::null_origin(&[("x-requested-with", "x"), ("origin", "null")], false)]
    #[case::empty_origin(&[("x-requested-with", "x"), ("origin", "")], false)]
    #[case::odd_origin(&[("x-requested-with", "x"), ("origin", "https://app.example.com\u{fffd}")], false)]
    #[case::two_origins(&[("x-requested-with", "x"), ("origin", GOOD), ("origin", GOOD)], false)]
    #[case::joined_origins(
        &[("x-requested-with", "x"), ("origin", "https://app.example.com,https://app.example.com")],
        false
    )]
    #[case::suffix(&[("x-requested-with", "x"), ("origin", "https://app.example.com.evil.example")], false)]
    #[case::cross_site(&[("x-requested-with", "x"), ("origin", GOOD), ("sec-fetch-site", "cross-site")], false)]
    #[case::cross_site_without_origin(&[("x-requested-with", "x"), ("sec-fetch-site", "cross-site")], false)]
    #[case::cross_site_in_another_case(&[("x-requested-with", "x"), ("sec-fetch-site", "Cross-Site")], false)]
    #[case::two_sites(
        &[("x-requested-with", "x"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-origin")],
        false
    )]
    #[case::joined_sites(&[("x-requested-with", "x"), ("sec-fetch-site", "cross-site, same-origin")], false)]
    #[case::empty_site(&[("x-requested-with", "x"), ("sec-fetch-site", "")], false)]
    fn cookies_need_an_allowed_page_and_the_header(#[case] headers: &[(&str, &str)], #[case] admitted: bool) {
        let origins = Origins::parse(GOOD).unwrap();
        let request = with(headers);

        assert_eq!(request.admit(Delivery::Cookie, &origins).is_ok(), admitted);
        assert!(request.admit(Delivery::Body, &origins).is_ok());
    }

    #[rstest]
    #[case::no_header(&[], "requests with a cookie need the header X-Requested-With")]
    #[case::empty_header(&[("x-requested-with", "")], "requests with a cookie need the header X-Requested-With")]
    #[case::two_headers(
        &[("x-requested-with", "x"), ("x-requested-with", "x")],
        "there are several X-Requested-With headers"
    )]
    #[case::origin(
        &[("x-requested-with", "x"), ("origin", "http://localhost:5173")],
        "the origin `http://localhost:5173` is not allowed"
    )]
    #[case::origin_before_header(&[("origin", "null")], "the origin `null` is not allowed")]
    #[case::odd_origin(&[("origin", "<b>'\"\u{e4}\u{202e}")], r#"the origin `<b>\'\"\u{e4}\u{202e}` is not allowed"#)]
    #[case::two_origins(&[("origin", GOOD), ("origin", GOOD)], "there are several Origin headers")]
    #[case::site(&[("sec-fetch-site", "cross-site")], "the header Sec-Fetch-Site is `cross-site`")]
    #[case::two_sites(
        &[("sec-fetch-site", "none"), ("sec-fetch-site", "none")],
        "there are several Sec-Fetch-Site headers"
    )]
    fn a_refusal_names_the_missing_header_or_the_wrong_value(
        #[case] headers: &[(&str, &str)],
        #[case] description: &str,
    ) {
        let failure = with(headers)
            .admit(Delivery::Cookie, &Origins::parse(GOOD).unwrap())
            .unwrap_err();

        assert_eq!(failure.description, description);
    }

    #[test]
    fn a_refusal_shortens_a_long_origin() {
        let origin = format!("https://{}", "\u{e4}".repeat(5000));

        let failure = with(&[("origin", &origin)])
            .admit(Delivery::Cookie, &Origins::default())
            .unwrap_err();

        assert!(failure.description.len() < 700, "{}", failure.description.len());
        assert!(failure.description.is_ascii());
    }

    #[test]
    fn an_origin_that_is_not_a_string_does_not_count_as_absent() {
        let request = http::Request::builder()
            .header("x-requested-with", "x")
            .header("origin", &b"\xff"[..])
            .body(Body::Empty)
            .unwrap();
        let request = Request::from(request);

        let failure = request.admit(Delivery::Cookie, &Origins::default()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::CsrfFailed);
    }

    fn with(headers: &[(&str, &str)]) -> Request {
        let builder = headers.iter().fold(http::Request::builder(), |builder, (name, value)| {
            builder.header(*name, *value)
        });
        builder.body(Body::Empty).unwrap().into()
    }
}
