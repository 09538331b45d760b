//! The HTTP answer for the caller, which the gateway makes from the function's answer or writes itself.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// An error that the gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GatewayError {
    /// The request's body cannot be read to its end (assumed).
    BadRequest,
    /// An identity source is missing (documented).
    Unauthorized,
    /// The authorizer refused the request (documented).
    Forbidden,
    /// The route does not exist (documented).
    NotFound,
    /// The body has more than 10 MB (documented).
    BodyTooLarge,
    /// The request line and the headers have more than 10,240 bytes (assumed).
    HeadTooLarge,
    /// A function or an authorizer failed, exceeded its own timeout, or answered in the wrong form (documented).
    Internal,
    /// A function could not be invoked, or exceeded the gateway's timeout (documented).
    Unavailable,
}

impl GatewayError {
    const fn status_and_message(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "Request Header Fields Too Large",
            ),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

/// Returns the gateway's own answer for an error. Its body is `{"message":"..."}`, which cannot be changed on an HTTP
/// API (documented).
pub(crate) fn of_error(error: GatewayError) -> Response {
    let (status, message) = error.status_and_message();
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Converts a function's answer to an HTTP response. Returns `None` if the answer has the wrong form. In format 2.0, an
/// object with `statusCode` supplies the status, the headers and the body of the response. Any other JSON becomes the
/// body of a response with status 200 (documented).
pub(crate) fn of_function(answer: &Value) -> Option<Response> {
    let mut response = if let Some(status) = answer.get("statusCode") {
        let status = u16::try_from(status.as_u64()?).ok()?;
        let mut response = Response::new(body(answer)?);
        *response.status_mut() = StatusCode::from_u16(status).ok()?;
        response
    } else {
        let mut response = Response::new(Body::from(answer.to_string()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    };
    let headers = response.headers_mut();
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(name, HeaderValue::try_from(value).ok()?);
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    Some(response)
}

/// Adds the header with the request id to an answer. On a real HTTP API, every answer has this header, and its value is
/// the `requestId` of the event (assumed).
pub(crate) fn show_id(request_id: &str, response: &mut Response) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
}

fn body(answer: &Value) -> Option<Body> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Some(Body::empty()),
        Some(body) => body.as_str()?,
    };
    if answer.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        return STANDARD.decode(text).ok().map(Body::from);
    }
    Some(Body::from(text.to_owned()))
}
