//! What a request may look like before anything is done about it.

use auth::ClientDetails;
use lambda_http::{
    Body, Request, RequestExt as _,
    http::{HeaderName, Method, header},
    request::RequestContext,
};

use serde_json::{Map, Value};

use crate::{ErrorCode, Failure, Fields, event::BrokenBody};

/// The longest body in bytes.
const MAX_BODY: usize = 8 * 1024;
/// The longest text that a session keeps of its client, in characters.
const MAX_DETAIL: usize = 256;

/// The JSON object in the body of a `POST` request.
///
/// # Errors
/// When the method is another, the body is too long, not declared as JSON or not a JSON object.
pub fn body(request: &Request) -> Result<Fields, Failure> {
    optional_body(request)?.ok_or_else(|| Failure::invalid_request("the body is empty"))
}

/// As [`body`], but there may be none at all.
pub(crate) fn optional_body(request: &Request) -> Result<Option<Fields>, Failure> {
    if request.method() != Method::POST {
        return Err(Failure::method_not_allowed("POST"));
    }
    if request.extensions().get::<BrokenBody>().is_some() {
        return Err(Failure::invalid_request("the body is not valid base64"));
    }
    let bytes: &[u8] = match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        _ => &[],
    };
    if bytes.len() > MAX_BODY {
        let description = format!("the body has more than {MAX_BODY} bytes");
        return Err(Failure::refused(ErrorCode::RequestTooLarge, description));
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    require_json(request)?;
    Fields::parse(bytes).map(Some)
}

/// Insists on `application/json`, with or without parameters, and on no content coding.
fn require_json(request: &Request) -> Result<(), Failure> {
    let declared = header_text(request, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    let coded = header_text(request, header::CONTENT_ENCODING.as_str()).is_some_and(|coding| coding != "identity");
    if essence.eq_ignore_ascii_case("application/json") && !coded {
        return Ok(());
    }
    Err(Failure::refused(
        ErrorCode::UnsupportedMediaType,
        "the body must be application/json without a content coding",
    ))
}

/// Insists on `GET`.
///
/// # Errors
/// When the method is another.
pub fn require_get(request: &Request) -> Result<(), Failure> {
    (request.method() == Method::GET)
        .then_some(())
        .ok_or_else(|| Failure::method_not_allowed("GET"))
}

/// The path of the request, as the gateway saw it.
#[must_use]
pub fn path(request: &Request) -> &str {
    request.raw_http_path()
}

/// What the authorizer passed on about the caller, as JSON.
///
/// # Errors
/// When there is nothing: the route has no authorizer, or was reached around the gateway.
pub fn authorizer_context(request: &Request) -> Result<Value, Failure> {
    let authorizer = request
        .request_context_ref()
        .and_then(RequestContext::authorizer)
        .ok_or_else(Failure::unauthorized)?;
    let context: Map<String, Value> = authorizer.fields.clone().into_iter().collect();
    (!context.is_empty())
        .then_some(Value::Object(context))
        .ok_or_else(Failure::unauthorized)
}

/// What the gateway knows of the client, never what the client says of its address.
#[must_use]
pub fn client_details(request: &Request, label: Option<&str>) -> ClientDetails {
    let ip = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.clone(),
        _ => None,
    };
    ClientDetails {
        ip,
        user_agent: header_text(request, header::USER_AGENT.as_str()).map(shortened),
        label: label.map(shortened),
    }
}

/// The value of a header that is there once and is text.
pub(crate) fn header_text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.headers().get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)?.to_str().ok()
}

/// Every value of a header. One that is no text is a text that means nothing: it is never taken for absent.
pub(crate) fn header_values<'a>(request: &'a Request, name: &HeaderName) -> Vec<&'a str> {
    let values = request.headers().get_all(name).iter();
    values
        .map(|value| std::str::from_utf8(value.as_bytes()).unwrap_or("\u{fffd}"))
        .collect()
}

fn shortened(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(MAX_DETAIL)
        .collect()
}
