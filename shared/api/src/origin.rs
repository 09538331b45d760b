//! Which pages may use cookies: the defence against requests that another site makes (CSRF).

use claims::Delivery;
use config::Origins;
use lambda_http::{
    Request,
    http::{HeaderName, header},
};

use crate::{ErrorCode, Failure, request::header_values};

const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Admits a request whose refresh token travels by `delivery`. By body, any. By cookie, only one that carries
/// `X-Requested-With`, which no other site can add without asking first, and whose `Origin` is on the list; none at
/// all comes from no browser.
///
/// # Errors
/// When another site could have made the request.
pub fn admit(request: &Request, delivery: Delivery, origins: &Origins) -> Result<(), Failure> {
    match delivery {
        Delivery::Body => Ok(()),
        Delivery::Cookie if is_same_site(request, origins) => Ok(()),
        Delivery::Cookie => Err(Failure::refused(
            ErrorCode::CsrfFailed,
            "cookies need the header X-Requested-With and an allowed Origin",
        )),
    }
}

/// A header that is there must have exactly one value, and one that is known to be harmless.
fn is_same_site(request: &Request, origins: &Origins) -> bool {
    let values = |name: &HeaderName| header_values(request, name);
    let intended = matches!(values(&X_REQUESTED_WITH).as_slice(), [one] if !one.is_empty());
    let listed = match values(&header::ORIGIN).as_slice() {
        [] => true,
        [one] => origins.contains(one),
        _ => false,
    };
    // `none`: the user's own doing (Fetch Metadata s2.3).
    let near = matches!(
        values(&SEC_FETCH_SITE).as_slice(),
        [] | ["same-origin" | "same-site" | "none"]
    );
    intended && listed && near
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
    fn cookies_are_for_allowed_pages_that_ask(#[case] headers: &[(&str, &str)], #[case] admitted: bool) {
        let origins = Origins::parse(GOOD).unwrap();
        let builder = headers.iter().fold(http::Request::builder(), |builder, (name, value)| {
            builder.header(*name, *value)
        });
        let request = builder.body(Body::Empty).unwrap();

        assert_eq!(admit(&request, Delivery::Cookie, &origins).is_ok(), admitted);
        assert!(admit(&request, Delivery::Body, &origins).is_ok());
    }

    #[test]
    fn an_origin_that_is_no_text_is_not_taken_for_none() {
        let request = http::Request::builder()
            .header("x-requested-with", "x")
            .header("origin", &b"\xff"[..])
            .body(Body::Empty)
            .unwrap();

        let failure = admit(&request, Delivery::Cookie, &Origins::default()).unwrap_err();

        assert_eq!(failure.code, ErrorCode::CsrfFailed);
    }
}
