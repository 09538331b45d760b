//! The device token in a login or a password change. It is read from the place where the answer puts the new one: the
//! body or a cookie.

use claims::Delivery;

use crate::{Failure, Fields, Request, cookie::DEVICE};

impl Request {
    /// Returns the unverified device token of a request, or `None` if there is none. With delivery in the body, the
    /// token is read from the body. With delivery by cookie, it is read from its cookie.
    ///
    /// # Errors
    /// If `device_token` in the body is not a string.
    pub fn device_token(&self, body: &Fields, delivery: Delivery) -> Result<Option<String>, Failure> {
        let in_body = body.optional_text("device_token")?;
        Ok(match delivery {
            Delivery::Body => in_body.map(str::to_owned),
            Delivery::Cookie => self.cookie(DEVICE),
        })
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::body(Delivery::Body, r#"{"device_token":"in-body"}"#, Some("in-body"))]
    #[case::cookie(Delivery::Cookie, r#"{"device_token":"in-body"}"#, Some("in-cookie"))]
    #[case::none(Delivery::Body, "{}", None)]
    #[case::null(Delivery::Body, r#"{"device_token":null}"#, None)]
    fn a_device_token_is_read_from_where_its_login_delivers_it(
        #[case] delivery: Delivery,
        #[case] body: &str,
        #[case] expected: Option<&str>,
    ) {
        let fields = Fields::parse(body.as_bytes()).unwrap();
        let request = http::Request::builder()
            .header("cookie", "__Host-device=in-cookie; __Host-refresh=other")
            .body(Body::Empty)
            .unwrap();
        let request = Request::from(request);

        let found = request.device_token(&fields, delivery).unwrap();

        assert_eq!(found.as_deref(), expected);
    }
}
