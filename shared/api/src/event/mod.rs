//! The event that API Gateway sends, and the request in it.
//!
//! This module replaces the parser of `lambda_http`, which builds a URL from the host, path and query, and panics if
//! the URL is invalid. No function needs the URL, so this parser reads only what functions use, and no event makes it
//! panic.

mod format;
mod headers;

use std::{collections::BTreeMap, sync::Arc};

use lambda_http::http::Method;
use runtime::GatewayRequest;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

pub(crate) use self::format::Format;
use self::headers::headers;
use crate::{Failure, Request, body, query::Query};

/// Parses an event. Returns the payload format for the answer, and the request in the event.
///
/// # Errors
/// If the event is not from an HTTP or REST API, or has too many headers.
pub(crate) fn read(payload: &str) -> (Format, Result<Request, Failure>) {
    let Ok(event) = serde_json::from_str::<Event>(payload) else {
        return (Format::guess_from_payload(payload), Err(Failure::foreign_event()));
    };
    (event.format(), event.into_request().ok_or_else(Failure::foreign_event))
}

/// An event of either format. It has only the members that are used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    version: Option<Value>,
    http_method: Option<String>,
    path: Option<String>,
    resource: Option<Value>,
    route_key: Option<Value>,
    raw_path: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    query_string_parameters: Option<BTreeMap<String, Value>>,
    multi_value_query_string_parameters: Option<BTreeMap<String, Value>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Option<Context>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    http: Option<Http>,
    identity: Option<Identity>,
    authorizer: Option<Map<String, Value>>,
    connection_id: Option<IgnoredAny>,
    request_id: Option<Value>,
    api_id: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    source_ip: Option<String>,
}

impl Event {
    fn format(&self) -> Format {
        Format::from_version(self.version.as_ref())
    }

    /// Returns the request in the event, or `None` if the event is not from an HTTP or REST API or has too many
    /// headers. An event with a connection id is from a WebSocket API.
    fn into_request(self) -> Option<Request> {
        let format = self.format();
        let headers = headers(self.headers, self.multi_value_headers, self.cookies)?;
        let context = self.request_context.unwrap_or_default();
        if context.connection_id.is_some() {
            return None;
        }
        let authorizer = format.authorizer_context(context.authorizer.unwrap_or_default());
        let (method, path, route, source) = match format {
            Format::V1 => {
                let source = context.identity.and_then(|identity| identity.source_ip);
                let method = self.http_method?;
                let route = text(self.resource).map(|resource| format!("{method} {resource}"));
                (method, self.path?, route, source)
            }
            Format::V2 => {
                let http = context.http?;
                (http.method, self.raw_path?, text(self.route_key), http.source_ip)
            }
        };
        let mut http = lambda_http::Request::default();
        *http.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
        *http.headers_mut() = headers;
        Some(Request {
            http,
            path,
            query: Query::new(self.query_string_parameters, self.multi_value_query_string_parameters),
            body: body::read(self.body, self.is_base64_encoded.unwrap_or_default()),
            gateway: GatewayRequest {
                id: text(context.request_id),
                api: text(context.api_id),
                route,
                source,
            },
            viewer: Arc::default(),
            authorizer,
        })
    }
}

/// Returns a member that is not used for an answer, or `None` if it has no text.
fn text(member: Option<Value>) -> Option<String> {
    match member {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::header};
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::{ErrorCode, body::DroppedBody};

    #[test]
    fn a_request_of_format_2_is_read() {
        let (format, request) = read(&v2(json!({
            "body": "e30=",
            "isBase64Encoded": true,
            "cookies": ["a=1", "b=2"],
        })));

        let request = request.unwrap();
        assert_eq!(format, Format::V2);
        assert_eq!((request.http.method(), request.path()), (&Method::POST, "/auth/login"));
        assert_eq!(request.body, Ok(Body::Binary(b"{}".into())));
        assert_eq!(request.values(&header::COOKIE), ["a=1", "b=2"]);
        assert_eq!(request.gateway, described("POST /auth/login"));
        assert_eq!(request.authorizer, Map::from_iter([("sub".into(), "user-1".into())]));
    }

    #[test]
    fn a_request_of_format_1_is_read() {
        let (format, request) = read(&v1(json!({"body": "{}"})));

        let request = request.unwrap();
        assert_eq!(format, Format::V1);
        assert_eq!((request.http.method(), request.path()), (&Method::POST, "/auth/login"));
        assert_eq!(request.body, Ok(Body::Text("{}".into())));
        assert_eq!(request.gateway, described("POST /{proxy+}"));
        assert_eq!(request.authorizer, Map::from_iter([("sub".into(), "user-1".into())]));
    }

    #[rstest]
    #[case::format_2(v2(json!({"queryStringParameters": {"limit": "7", "cursor": "a b"}})))]
    #[case::format_1(v1(json!({
        "queryStringParameters": {"limit": "7", "cursor": "b"},
        "multiValueQueryStringParameters": {"limit": ["7"], "cursor": ["a b"]},
    })))]
    #[case::one_value(v1(json!({
        "queryStringParameters": {"limit": "7", "cursor": "a b"}, "multiValueQueryStringParameters": null,
    })))]
    fn the_query_is_read_as_the_gateway_decoded_it(#[case] event: String) {
        let (_, request) = read(&event);

        let request = request.unwrap();
        assert_eq!(request.query.get("limit"), Some("7"));
        assert_eq!(request.query.get("cursor"), Some("a b"));
        assert_eq!(request.query.get("other"), None);
    }

    /// Each of these events makes `lambda_http` panic.
    #[rstest]
    #[case(json!({"rawQueryString": "a=<b>"}))]
    #[case(json!({"rawQueryString": "a=\"b\" c"}))]
    #[case(json!({"rawQueryString": "a".repeat(70_000)}))]
    #[case(json!({"headers": {"host": "{host}"}}))]
    #[case(json!({"headers": {"host": "a%b c[d"}}))]
    #[case(json!({"headers": {"host": "localhost:99999"}}))]
    #[case(json!({"headers": {"x-forwarded-proto": "https, http"}}))]
    #[case(json!({"headers": {"x-forwarded-proto": "1"}}))]
    #[case(json!({"headers": {"x-forwarded-proto": ""}}))]
    #[case(json!({"rawPath": ":99999"}))]
    #[case(json!({"rawPath": "/with space/<\u{e4}>"}))]
    #[case(json!({"rawPath": ""}))]
    fn an_event_without_a_valid_url_is_read(#[case] changes: Value) {
        let (_, request) = read(&v2(changes.clone()));

        let path = changes.get("rawPath").and_then(Value::as_str).unwrap_or("/auth/login");
        assert_eq!(request.unwrap().path(), path);
    }

    #[rstest]
    #[case::query(json!({"queryStringParameters": {"a": null}, "pathParameters": {"b": null}}))]
    #[case::stage(json!({"stageVariables": [1], "rawQueryString": 1}))]
    #[case::request_id(json!({"requestContext": {"http": {"method": "POST"}, "requestId": [1], "apiId": {}}}))]
    #[case::route(json!({"routeKey": ["a"], "resource": 1}))]
    #[case::time(json!({"requestContext": {"http": {"method": "POST"}, "timeEpoch": "soon"}}))]
    fn unused_members_may_have_any_form(#[case] changes: Value) {
        assert!(read(&v2(changes)).1.is_ok());
    }

    #[rstest]
    #[case::method(json!({"requestContext": {"http": {"method": "TWO WORDS"}}}))]
    #[case::no_method(json!({"requestContext": {"http": {}}}))]
    #[case::no_http(json!({"requestContext": {}}))]
    #[case::no_context(json!({"requestContext": null}))]
    #[case::no_path(json!({"rawPath": null}))]
    #[case::websocket(json!({"requestContext": {"http": {"method": "POST"}, "connectionId": "c"}}))]
    #[case::body(json!({"body": {"a": 1}}))]
    #[case::encoding(json!({"isBase64Encoded": "true"}))]
    #[case::cookies(json!({"cookies": [null]}))]
    #[case::header(json!({"headers": {"origin": null}}))]
    #[case::headers(json!({"headers": ["origin"]}))]
    #[case::authorizer(json!({"requestContext": {"http": {"method": "POST"}, "authorizer": "user-1"}}))]
    fn a_malformed_member_is_refused_in_the_format_of_the_event(#[case] changes: Value) {
        let (format, request) = read(&v2(changes));

        assert_eq!(format, Format::V2);
        assert_eq!(request.unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[rstest]
    #[case("")]
    #[case("{")]
    #[case("null")]
    #[case("[]")]
    #[case("1")]
    #[case("{}")]
    #[case(r#"{"Records":[]}"#)]
    #[case(r#"{"version":2.0}"#)]
    #[case(&"[".repeat(10_000))]
    fn an_invalid_event_is_refused_in_format_1(#[case] payload: &str) {
        let (format, request) = read(payload);

        assert_eq!(format, Format::V1);
        assert_eq!(request.unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn a_dropped_body_is_marked() {
        let (_, request) = read(&v2(json!({"body": "%%%", "isBase64Encoded": true})));

        let request = request.unwrap();
        assert_eq!(request.body, Err(DroppedBody::NotBase64));
    }

    fn described(route: &str) -> GatewayRequest {
        GatewayRequest {
            id: Some("request-1".into()),
            api: Some("abc123".into()),
            route: Some(route.into()),
            source: Some("192.0.2.1".into()),
        }
    }

    pub(super) fn v2(changes: Value) -> String {
        let event = json!({
            "version": "2.0",
            "routeKey": "POST /auth/login",
            "rawPath": "/auth/login",
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {
                "requestId": "request-1",
                "apiId": "abc123",
                "http": {"method": "POST", "path": "/auth/login", "sourceIp": "192.0.2.1"},
                "authorizer": {"lambda": {"sub": "user-1"}},
            },
            "isBase64Encoded": false,
        });
        changed(event, changes)
    }

    pub(super) fn v1(changes: Value) -> String {
        let event = json!({
            "resource": "/{proxy+}",
            "httpMethod": "POST",
            "path": "/auth/login",
            "headers": {"Content-Type": "application/json"},
            "requestContext": {
                "requestId": "request-1",
                "apiId": "abc123",
                "identity": {"sourceIp": "192.0.2.1"},
                "authorizer": {"sub": "user-1", "integrationLatency": 12},
            },
        });
        changed(event, changes)
    }

    fn changed(mut event: Value, mut changes: Value) -> String {
        event.as_object_mut().unwrap().append(changes.as_object_mut().unwrap());
        event.to_string()
    }
}
