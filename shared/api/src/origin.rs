//! Which pages may use cookies: the defence against requests that another site makes (CSRF).

use claims::Delivery;
use lambda_http::{Request, http::header};

use crate::{ErrorCode, Failure, request::header_text};

/// The web origins on the allow-list.
#[derive(Clone, Debug)]
pub struct Origins(Vec<String>);

impl Origins {
    /// This allow-list, in lower case.
    #[must_use]
    pub const fn new(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// Admits a request whose refresh token travels by `delivery`. By body, any. By cookie, only one that carries
    /// `X-Requested-With`, which no other site can add without asking first, and whose `Origin` is on the list; none at
    /// all comes from no browser.
    ///
    /// # Errors
    /// When another site could have made the request.
    pub fn admit(&self, request: &Request, delivery: Delivery) -> Result<(), Failure> {
        match delivery {
            Delivery::Body => Ok(()),
            Delivery::Cookie if self.is_same_site(request) => Ok(()),
            Delivery::Cookie => Err(Failure::refused(
                ErrorCode::CsrfFailed,
                "cookies need the header X-Requested-With and an allowed Origin",
            )),
        }
    }

    fn is_same_site(&self, request: &Request) -> bool {
        let intended = header_text(request, "x-requested-with").is_some_and(|value| !value.is_empty());
        let cross_site = header_text(request, "sec-fetch-site").is_some_and(|site| site == "cross-site");
        let listed = !request.headers().contains_key(header::ORIGIN)
            || header_text(request, header::ORIGIN.as_str())
                .is_some_and(|origin| self.0.contains(&origin.to_ascii_lowercase()));
        intended && listed && !cross_site
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use rstest::rstest;

    use super::*;

    const GOOD: &str = "https://app.example.com";

    #[rstest]
    #[case::no_browser(&[("x-requested-with", "curl")], true)]
    #[case::listed(&[("x-requested-with", "x"), ("origin", GOOD)], true)]
    #[case::same_origin(&[("x-requested-with", "x"), ("origin", GOOD), ("sec-fetch-site", "same-origin")], true)]
    #[case::without_header(&[("origin", GOOD)], false)]
    #[case::empty_header(&[("x-requested-with", ""), ("origin", GOOD)], false)]
    #[case::other_origin(&[("x-requested-with", "x"), ("origin", "https://evil.example")], false)]
    #[case::null_origin(&[("x-requested-with", "x"), ("origin", "null")], false)]
    #[case::two_origins(&[("x-requested-with", "x"), ("origin", GOOD), ("origin", GOOD)], false)]
    #[case::suffix(&[("x-requested-with", "x"), ("origin", "https://app.example.com.evil.example")], false)]
    #[case::cross_site(&[("x-requested-with", "x"), ("origin", GOOD), ("sec-fetch-site", "cross-site")], false)]
    fn cookies_are_for_allowed_pages_that_ask(#[case] headers: &[(&str, &str)], #[case] admitted: bool) {
        let origins = Origins::new(vec![GOOD.to_owned()]);
        let request = headers
            .iter()
            .fold(Request::builder_for_tests(), |builder, (name, value)| {
                builder.header(*name, *value)
            })
            .body(Body::Empty)
            .unwrap();

        assert_eq!(origins.admit(&request, Delivery::Cookie).is_ok(), admitted);
        assert!(origins.admit(&request, Delivery::Body).is_ok());
    }

    /// Shorthand for the standard builder.
    trait BuilderForTests {
        fn builder_for_tests() -> lambda_http::http::request::Builder;
    }

    impl BuilderForTests for Request {
        fn builder_for_tests() -> lambda_http::http::request::Builder {
            lambda_http::http::Request::builder()
        }
    }
}
