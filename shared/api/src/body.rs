//! The body of a request. It is decoded when the event is read, and parsed as JSON when the function needs it. A body
//! that is too long or cannot be decoded is dropped.

use base64::{DecodeError, Engine as _, engine::general_purpose::STANDARD};
use lambda_http::{
    Body,
    http::{Method, header},
};

use serde::de::{DeserializeOwned, DeserializeSeed as _};

use crate::{ErrorCode, Failure, Fields, Request, member::Member};

/// The maximum length of a decoded body in bytes.
pub(crate) const MAX_BODY: usize = 8 * 1024;
/// The maximum length of a body that is encoded in base64, in characters.
const MAX_BASE64: usize = MAX_BODY.div_ceil(3) * 4;

/// Why a body was dropped when the event was read. The request is refused only when the function needs the body, after
/// the method has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DroppedBody {
    /// The body has more than [`MAX_BODY`] bytes.
    TooLong,
    /// The event marks the body as base64, but it is not valid base64.
    NotBase64,
}

/// Decodes a body from the string in an event.
pub(crate) fn read(text: Option<String>, is_base64: bool) -> Result<Body, DroppedBody> {
    let Some(text) = text else {
        return Ok(Body::Empty);
    };
    let longest = if is_base64 { MAX_BASE64 } else { MAX_BODY };
    if text.len() > longest {
        return Err(DroppedBody::TooLong);
    }
    if !is_base64 {
        return Ok(Body::Text(text));
    }
    let bytes = STANDARD.decode(text).map_err(|_: DecodeError| DroppedBody::NotBase64)?;
    (bytes.len() <= MAX_BODY)
        .then_some(Body::Binary(bytes))
        .ok_or(DroppedBody::TooLong)
}

impl Request {
    /// Returns the JSON object in the body of a `POST` request.
    ///
    /// # Errors
    /// If the method is not `POST`, or the body is missing, too long, not declared as JSON, compressed, or not a JSON
    /// object with distinct names.
    pub fn body(&self) -> Result<Fields, Failure> {
        self.optional_body()?
            .ok_or_else(|| Failure::invalid_request("the body is empty"))
    }

    /// Returns the JSON object in the body of a `PATCH` request.
    ///
    /// # Errors
    /// As for [`Self::body`].
    pub fn patch(&self) -> Result<Fields, Failure> {
        self.require(&Method::PATCH, "PATCH")?;
        self.fields()?
            .ok_or_else(|| Failure::invalid_request("the body is empty"))
    }

    /// Returns the value of a member of the body, whose own members must have distinct names too, or `None` if the member
    /// is absent. `what` is what the value has to be.
    ///
    /// # Errors
    /// If [`Self::body`] fails, or the value is another. The failure does not contain the value.
    pub fn member<T: DeserializeOwned>(&self, name: &str, what: &str) -> Result<Option<T>, Failure> {
        self.body()?;
        let mut deserializer = serde_json::Deserializer::from_slice(self.bytes()?);
        let found = Member::new(name).deserialize(&mut deserializer);
        found.map_err(|_| Failure::invalid_request(format!("`{name}` must be {what}")))
    }

    /// Returns the same as [`Self::body`], or `None` if the body is absent, blank or `null`. A request that declares a
    /// content type must declare JSON even without a body, so an empty form from another site is refused.
    pub(crate) fn optional_body(&self) -> Result<Option<Fields>, Failure> {
        self.require_post()?;
        self.fields()
    }

    fn fields(&self) -> Result<Option<Fields>, Failure> {
        let bytes = self.bytes()?;
        let nothing = matches!(bytes.trim_ascii(), b"" | b"null");
        if !(nothing && self.values(&header::CONTENT_TYPE).is_empty()) {
            self.require_json()?;
        }
        (!nothing).then(|| Fields::parse(bytes)).transpose()
    }

    fn bytes(&self) -> Result<&[u8], Failure> {
        let body = self.body.as_ref().map_err(|dropped| Failure::from(*dropped))?;
        Ok(match body {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            Body::Empty | _ => &[],
        })
    }

    /// Requires the method `POST`.
    pub(crate) fn require_post(&self) -> Result<(), Failure> {
        self.require(&Method::POST, "POST")
    }

    fn require(&self, method: &Method, name: &'static str) -> Result<(), Failure> {
        (self.http.method() == method)
            .then_some(())
            .ok_or_else(|| Failure::method_not_allowed(name))
    }

    /// Requires the content type `application/json`, with or without parameters, and no content coding such as `gzip`.
    fn require_json(&self) -> Result<(), Failure> {
        let json = matches!(self.values(&header::CONTENT_TYPE).as_slice(), [one] if is_json(one));
        let coding = self.values(&header::CONTENT_ENCODING);
        if json && matches!(coding.as_slice(), [] | ["identity"]) {
            return Ok(());
        }
        Err(Failure::refused(
            ErrorCode::UnsupportedMediaType,
            "the body must be application/json without a content coding",
        ))
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

impl From<DroppedBody> for Failure {
    fn from(dropped: DroppedBody) -> Self {
        match dropped {
            DroppedBody::TooLong => {
                let description = format!("the body has more than {MAX_BODY} bytes");
                Self::refused(ErrorCode::RequestTooLarge, description)
            }
            DroppedBody::NotBase64 => Self::invalid_request("the body is not valid base64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::{Request as HttpRequest, request::Builder};
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_body_is_a_string_or_bytes_or_empty() {
        assert_eq!(read(None, true), Ok(Body::Empty));
        assert_eq!(read(Some("{}".into()), false), Ok(Body::Text("{}".into())));
        assert_eq!(read(Some("e30=".into()), true), Ok(Body::Binary(b"{}".into())));
    }

    #[rstest]
    #[case::text(&"a".repeat(8192), false, None)]
    #[case::text_too_long(&"a".repeat(8193), false, Some(DroppedBody::TooLong))]
    #[case::text_of_long_characters(&"\u{e4}".repeat(4097), false, Some(DroppedBody::TooLong))]
    #[case::base64(&STANDARD.encode([b'a'; 8192]), true, None)]
    #[case::base64_too_long(&STANDARD.encode([b'a'; 8193]), true, Some(DroppedBody::TooLong))]
    #[case::base64_far_too_long(&STANDARD.encode([b'a'; 9000]), true, Some(DroppedBody::TooLong))]
    #[case::too_long_to_be_looked_at(&"%".repeat(20_000), true, Some(DroppedBody::TooLong))]
    #[case::not_base64("%%%", true, Some(DroppedBody::NotBase64))]
    #[case::without_padding("e30", true, Some(DroppedBody::NotBase64))]
    #[case::of_the_url_alphabet("_-8=", true, Some(DroppedBody::NotBase64))]
    fn a_body_is_dropped_when_it_is_too_long_or_not_base64(
        #[case] text: &str,
        #[case] is_base64: bool,
        #[case] dropped: Option<DroppedBody>,
    ) {
        assert_eq!(read(Some(text.to_owned()), is_base64).err(), dropped);
    }

    #[rstest]
    #[case::missing(&[], ErrorCode::UnsupportedMediaType)]
    #[case::form(&[("content-type", "application/x-www-form-urlencoded")], ErrorCode::UnsupportedMediaType)]
    #[case::prefix(&[("content-type", "application/jsonx")], ErrorCode::UnsupportedMediaType)]
    #[case::joined(&[("content-type", "application/json, text/plain")], ErrorCode::UnsupportedMediaType)]
    #[case::twice(
        &[("content-type", "application/json"), ("content-type", "application/json")],
        ErrorCode::UnsupportedMediaType
    )]
    #[case::coded(
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
        ErrorCode::UnsupportedMediaType
    )]
    #[case::coded_twice(
        &[("content-type", "application/json"), ("content-encoding", "identity"), ("content-encoding", "gzip")],
        ErrorCode::UnsupportedMediaType
    )]
    fn a_body_that_is_not_declared_as_plain_json_is_refused(#[case] headers: &[(&str, &str)], #[case] code: ErrorCode) {
        assert_eq!(with(headers, "{}").body().unwrap_err().code, code);
    }

    #[rstest]
    #[case::plain(&[("content-type", "application/json")])]
    #[case::parameter(&[("content-type", "Application/JSON; charset=utf-8")])]
    #[case::not_coded(&[("content-type", "application/json"), ("content-encoding", "identity")])]
    fn json_is_read(#[case] headers: &[(&str, &str)]) {
        let fields = with(headers, r#"{"email":"a@b"}"#).body().unwrap();

        assert_eq!(fields.text("email").unwrap(), "a@b");
    }

    #[rstest]
    #[case::nothing("")]
    #[case::blanks(" \t\r\n ")]
    #[case::null("null")]
    #[case::null_among_blanks("\n null\t")]
    fn an_empty_body_is_absent_or_refused(
        #[case] text: &str,
        #[values(&[], &[("content-type", "application/json")])] headers: &[(&str, &str)],
        #[values(false, true)] as_bytes: bool,
    ) {
        let sent = if as_bytes {
            Body::Binary(text.into())
        } else {
            Body::from(text)
        };
        let request = with(headers, sent);

        assert!(request.optional_body().unwrap().is_none());
        assert_eq!(request.body().unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[rstest]
    #[case::form("application/x-www-form-urlencoded")]
    #[case::file_form("multipart/form-data; boundary=x")]
    #[case::text("text/plain")]
    fn an_empty_form_does_not_count_as_an_empty_body(
        #[case] content_type: &str,
        #[values("", " ", "null")] text: &str,
    ) {
        let request = with(&[("content-type", content_type)], text);

        assert_eq!(
            request.optional_body().unwrap_err().code,
            ErrorCode::UnsupportedMediaType
        );
    }

    #[rstest]
    #[case(DroppedBody::TooLong, ErrorCode::RequestTooLarge)]
    #[case(DroppedBody::NotBase64, ErrorCode::InvalidRequest)]
    fn a_dropped_body_is_refused_before_its_type_is_looked_at(#[case] dropped: DroppedBody, #[case] code: ErrorCode) {
        let mut request = with(&[], Body::Empty);
        request.body = Err(dropped);

        assert_eq!(request.optional_body().unwrap_err().code, code);
    }

    #[rstest]
    #[case("GET")]
    #[case("PUT")]
    #[case("OPTIONS")]
    #[case("post")]
    #[case("UNHEARD-OF")]
    fn the_method_is_checked_first(#[case] method: &str) {
        let mut request = Request::from(post().method(method).body(Body::Empty).unwrap());
        request.body = Err(DroppedBody::TooLong);

        let failure = request.body().unwrap_err();

        assert_eq!(failure.code, ErrorCode::MethodNotAllowed);
        assert_eq!(failure.headers, [("allow", "POST".to_owned())]);
    }

    fn with(headers: &[(&str, &str)], body: impl Into<Body>) -> Request {
        let builder = headers
            .iter()
            .fold(post(), |builder, (name, value)| builder.header(*name, *value));
        builder.body(body.into()).unwrap().into()
    }

    fn post() -> Builder {
        HttpRequest::builder().method(Method::POST)
    }
}
