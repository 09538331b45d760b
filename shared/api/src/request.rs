//! What a request may look like before anything is done about it.

use auth::{session::ClientDetails, user::is_invisible};
use lambda_http::{
    Body, Request, RequestExt as _,
    http::{HeaderName, Method, header},
};
use serde_json::Value;

use crate::{
    ErrorCode, Failure, Fields,
    event::GatewayContext,
    request_body::{DroppedBody, MAX_BODY},
};

/// The longest text that a session keeps of its client, in characters.
const MAX_DETAIL: usize = 256;

/// The JSON object in the body of a `POST` request.
///
/// # Errors
/// When the method is another, the body is too long, not declared as JSON or not a JSON object.
pub fn body(request: &Request) -> Result<Fields, Failure> {
    optional_body(request)?.ok_or_else(|| Failure::invalid_request("the body is empty"))
}

/// As [`body`], but there may be none at all. Blanks and `null` are none, too. What declares a type declares JSON, also
/// where nothing follows: the empty form of another site is none.
pub(crate) fn optional_body(request: &Request) -> Result<Option<Fields>, Failure> {
    require_post(request)?;
    if let Some(dropped) = request.extensions().get() {
        return Err(no_body(*dropped));
    }
    let bytes: &[u8] = match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        Body::Empty | _ => &[],
    };
    let nothing = matches!(bytes.trim_ascii(), b"" | b"null");
    if !(nothing && header_values(request, &header::CONTENT_TYPE).is_empty()) {
        require_json(request)?;
    }
    (!nothing).then(|| Fields::parse(bytes)).transpose()
}

/// Insists on `POST`.
pub(crate) fn require_post(request: &Request) -> Result<(), Failure> {
    (request.method() == Method::POST)
        .then_some(())
        .ok_or_else(|| Failure::method_not_allowed("POST"))
}

fn no_body(dropped: DroppedBody) -> Failure {
    match dropped {
        DroppedBody::TooLong => {
            let description = format!("the body has more than {MAX_BODY} bytes");
            Failure::refused(ErrorCode::RequestTooLarge, description)
        }
        DroppedBody::NotBase64 => Failure::invalid_request("the body is not valid base64"),
    }
}

/// Insists on `application/json`, with or without parameters, and on no content coding.
fn require_json(request: &Request) -> Result<(), Failure> {
    let json = matches!(header_values(request, &header::CONTENT_TYPE).as_slice(), [one] if is_json(one));
    let coding = header_values(request, &header::CONTENT_ENCODING);
    if json && matches!(coding.as_slice(), [] | ["identity"]) {
        return Ok(());
    }
    Err(Failure::refused(
        ErrorCode::UnsupportedMediaType,
        "the body must be application/json without a content coding",
    ))
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
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
    let gateway: Option<&GatewayContext> = request.extensions().get();
    let context = gateway.map(|gateway| &gateway.authorizer);
    context
        .filter(|context| !context.is_empty())
        .map(|context| Value::Object(context.clone()))
        .ok_or_else(Failure::unauthorized)
}

/// What the gateway knows of the client, never what the client says of its address.
#[must_use]
pub fn client_details(request: &Request, label: Option<&str>) -> ClientDetails {
    let gateway: Option<&GatewayContext> = request.extensions().get();
    ClientDetails {
        ip: gateway.and_then(|gateway| gateway.source_ip.clone()),
        user_agent: header_values(request, &header::USER_AGENT)
            .first()
            .map(|agent| shortened(agent)),
        label: label.map(shortened),
    }
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
        .filter(|character| !character.is_control() && !is_invisible(*character))
        .take(MAX_DETAIL)
        .collect()
}

#[cfg(test)]
mod tests {
    use lambda_http::http::{Request as HttpRequest, request::Builder};
    use rstest::rstest;
    use serde_json::{Map, json};

    use super::*;

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
        assert_eq!(body(&with(headers, "{}")).unwrap_err().code, code);
    }

    #[rstest]
    #[case::plain(&[("content-type", "application/json")])]
    #[case::parameter(&[("content-type", "Application/JSON; charset=utf-8")])]
    #[case::not_coded(&[("content-type", "application/json"), ("content-encoding", "identity")])]
    fn json_is_read(#[case] headers: &[(&str, &str)]) {
        let fields = body(&with(headers, r#"{"email":"a@b"}"#)).unwrap();

        assert_eq!(fields.text("email").unwrap(), "a@b");
    }

    #[rstest]
    #[case::nothing("")]
    #[case::blanks(" \t\r\n ")]
    #[case::null("null")]
    #[case::null_among_blanks("\n null\t")]
    fn no_body_is_none_or_a_refusal_as_the_path_has_it(
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

        assert!(optional_body(&request).unwrap().is_none());
        assert_eq!(body(&request).unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[rstest]
    #[case::form("application/x-www-form-urlencoded")]
    #[case::file_form("multipart/form-data; boundary=x")]
    #[case::text("text/plain")]
    fn an_empty_form_is_no_empty_body(#[case] content_type: &str, #[values("", " ", "null")] text: &str) {
        let request = with(&[("content-type", content_type)], text);

        assert_eq!(
            optional_body(&request).unwrap_err().code,
            ErrorCode::UnsupportedMediaType
        );
    }

    #[rstest]
    #[case(DroppedBody::TooLong, ErrorCode::RequestTooLarge)]
    #[case(DroppedBody::NotBase64, ErrorCode::InvalidRequest)]
    fn a_dropped_body_is_refused_before_its_type_is_looked_at(#[case] dropped: DroppedBody, #[case] code: ErrorCode) {
        let mut request = with(&[], Body::Empty);
        request.extensions_mut().insert(dropped);

        assert_eq!(optional_body(&request).unwrap_err().code, code);
    }

    #[rstest]
    #[case("GET")]
    #[case("PUT")]
    #[case("OPTIONS")]
    #[case("post")]
    #[case("UNHEARD-OF")]
    fn the_method_goes_before_all_else(#[case] method: &str) {
        let mut request = post().method(method).body(Body::Empty).unwrap();
        request.extensions_mut().insert(DroppedBody::TooLong);

        let failure = body(&request).unwrap_err();

        assert_eq!(failure.code, ErrorCode::MethodNotAllowed);
        assert_eq!(failure.headers, [("allow", "POST".to_owned())]);
    }

    #[test]
    fn only_get_is_get() {
        let failure = require_get(&with(&[], Body::Empty)).unwrap_err();

        assert_eq!(failure.code, ErrorCode::MethodNotAllowed);
        assert_eq!(failure.headers, [("allow", "GET".to_owned())]);
        assert!(require_get(&HttpRequest::default()).is_ok());
    }

    #[test]
    fn a_client_is_what_the_gateway_says_and_not_what_it_says_itself() {
        let headers = [
            ("x-forwarded-for", "203.0.113.7"),
            ("forwarded", "for=203.0.113.7"),
            ("user-agent", "\u{202e}browser\u{e4}"),
        ];
        let mut request = with(&headers, Body::Empty);
        request.extensions_mut().insert(GatewayContext {
            source_ip: Some("192.0.2.1".into()),
            ..GatewayContext::default()
        });

        let client = client_details(&request, Some("my\n\u{200b}phone\u{feff}"));

        assert_eq!(client.ip.as_deref(), Some("192.0.2.1"));
        assert_eq!(client.user_agent.as_deref(), Some("browser\u{e4}"));
        assert_eq!(client.label.as_deref(), Some("myphone"));
    }

    #[test]
    fn details_are_kept_short_and_none_is_made_up() {
        let headers = [("x-forwarded-for", "203.0.113.7")];
        let long = "\u{e4}".repeat(300);

        let client = client_details(&with(&headers, Body::Empty), Some(&long));

        assert_eq!((client.ip, client.user_agent), (None, None));
        assert_eq!(client.label, Some("\u{e4}".repeat(256)));
    }

    #[test]
    fn a_caller_is_known_by_what_the_authorizer_passed_on() {
        let mut request = with(&[], Body::Empty);
        assert_eq!(authorizer_context(&request).unwrap_err().code, ErrorCode::InvalidToken);

        request.extensions_mut().insert(GatewayContext {
            authorizer: Map::from_iter([("sub".to_owned(), json!("user-1"))]),
            ..GatewayContext::default()
        });

        assert_eq!(authorizer_context(&request).unwrap(), json!({"sub": "user-1"}));
    }

    fn with(headers: &[(&str, &str)], body: impl Into<Body>) -> Request {
        let builder = headers
            .iter()
            .fold(post(), |builder, (name, value)| builder.header(*name, *value));
        builder.body(body.into()).unwrap()
    }

    fn post() -> Builder {
        HttpRequest::builder().method(Method::POST)
    }
}
