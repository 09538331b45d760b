//! The member `delivery` of a request: whether the answer delivers its tokens in the body or in cookies.

use claims::Delivery;
use config::Origins;

use crate::{Failure, Fields, Request};

/// The kinds of delivery, by their names in requests.
const DELIVERIES: &[(&str, Delivery)] = &[("body", Delivery::Body), ("cookie", Delivery::Cookie)];

impl Request {
    /// Returns the kind of delivery that the member `delivery` of the body asks for. The default is delivery in the
    /// body.
    ///
    /// # Errors
    /// If `delivery` is not a valid value, or the request comes from a page that may not use cookies.
    pub fn delivery(&self, body: &Fields, origins: &Origins) -> Result<Delivery, Failure> {
        let delivery = body.one_of("delivery", DELIVERIES, Delivery::Body)?;
        self.admit(delivery, origins)?;
        Ok(delivery)
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http};
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    #[rstest]
    #[case::default("{}", "https://evil.example", Ok(Delivery::Body))]
    #[case::body(r#"{"delivery":"body"}"#, "https://evil.example", Ok(Delivery::Body))]
    #[case::cookie(r#"{"delivery":"cookie"}"#, "https://app.example.com", Ok(Delivery::Cookie))]
    #[case::cookie_elsewhere(r#"{"delivery":"cookie"}"#, "https://evil.example", Err(ErrorCode::CsrfFailed))]
    #[case::neither(
        r#"{"delivery":"pigeon"}"#,
        "https://app.example.com",
        Err(ErrorCode::InvalidRequest)
    )]
    fn tokens_are_delivered_as_requested_and_by_cookie_only_to_allowed_pages(
        #[case] body: &str,
        #[case] origin: &str,
        #[case] expected: Result<Delivery, ErrorCode>,
    ) {
        let fields = Fields::parse(body.as_bytes()).unwrap();
        let origins = Origins::parse("https://app.example.com").unwrap();
        let request = http::Request::builder()
            .header("x-requested-with", "fetch")
            .header("origin", origin)
            .body(Body::Empty)
            .unwrap();
        let request = Request::from(request);

        let found = request.delivery(&fields, &origins);

        assert_eq!(found.map_err(|failure| failure.code), expected);
    }
}
