//! The event that API Gateway sends, and the request in it.
//!
//! `lambda_http`'s own reader makes a URL of host, path and query, and panics where they make none. Nothing here
//! needs a URL: what is read is what the functions look at, no more, and no event whatever is a reason to panic.

use std::collections::BTreeMap;

use lambda_http::{
    Request, RequestExt as _,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use crate::{Failure, query::Query, request_body};

/// The payload format that a function must answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// REST API, and HTTP API with payload format 1.0.
    V1,
    /// HTTP API with payload format 2.0.
    V2,
}

/// What the gateway says about a request, and its sender cannot. It stands in the request's extensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GatewayContext {
    /// The address that the request came from.
    pub(crate) source_ip: Option<String>,
    /// What the authorizer passed on; empty when there is none.
    pub(crate) authorizer: Map<String, Value>,
    /// The id of the request, which the gateway's answer shows.
    pub(crate) request_id: Option<String>,
}

/// The id that the gateway gave a request.
pub(crate) fn request_id(request: &Request) -> Option<String> {
    let gateway: Option<&GatewayContext> = request.extensions().get();
    gateway?.request_id.clone()
}

/// Reads an event: the format of its answer, and its request, whose path is [`lambda_http::RequestExt::raw_http_path`].
///
/// # Errors
/// When it is not an event of an HTTP or REST API.
pub(crate) fn read(payload: &str) -> (Format, Result<Request, Failure>) {
    let format = format(payload);
    let event = serde_json::from_str(payload).ok();
    let request = event.and_then(|event: Event| event.into_request(format));
    (format, request.ok_or_else(Failure::foreign_event))
}

/// The format of a payload, whatever else is wrong with it.
fn format(payload: &str) -> Format {
    #[derive(Deserialize)]
    struct Versioned {
        version: Value,
    }
    match serde_json::from_str(payload) {
        Ok(Versioned { version }) if version == "2.0" => Format::V2,
        _ => Format::V1,
    }
}

/// An event of either format, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    http_method: Option<String>,
    path: Option<String>,
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
    /// `None` for what is no HTTP request, such as the events of a WebSocket API, which have a connection.
    fn into_request(self, format: Format) -> Option<Request> {
        let headers = headers(self.headers, self.multi_value_headers, self.cookies)?;
        let context = self.request_context.unwrap_or_default();
        if context.connection_id.is_some() {
            return None;
        }
        let authorizer = passed_on(format, context.authorizer.unwrap_or_default());
        let id = context.request_id.as_ref().and_then(Value::as_str);
        let request_id = id.filter(|id| !id.is_empty()).map(str::to_owned);
        let (method, path, source_ip) = match format {
            Format::V1 => {
                let source_ip = context.identity.and_then(|identity| identity.source_ip);
                (self.http_method?, self.path?, source_ip)
            }
            Format::V2 => {
                let http = context.http?;
                (http.method, self.raw_path?, http.source_ip)
            }
        };
        let query = Query::new(self.query_string_parameters, self.multi_value_query_string_parameters);
        let body = request_body::read(self.body, self.is_base64_encoded.unwrap_or_default());

        let mut request = Request::default();
        *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
        *request.headers_mut() = headers;
        request.extensions_mut().insert(GatewayContext {
            source_ip,
            authorizer,
            request_id,
        });
        request.extensions_mut().insert(query);
        match body {
            Ok(body) => *request.body_mut() = body,
            Err(dropped) => {
                request.extensions_mut().insert(dropped);
            }
        }
        Some(request.with_raw_http_path(path))
    }
}

/// What an authorizer passed on: in format 2.0 a member of its own, in format 1.0 mixed with the gateway's own.
fn passed_on(format: Format, mut authorizer: Map<String, Value>) -> Map<String, Value> {
    match format {
        Format::V1 => {
            authorizer.retain(|name, value| name != "integrationLatency" && !value.is_null());
            authorizer
        }
        Format::V2 => match authorizer.remove("lambda") {
            Some(Value::Object(context)) => context,
            _ => Map::new(),
        },
    }
}

/// All headers, each as often as it came: `headers` has only the last value of one that came several times, where
/// there is `multiValueHeaders`. `None` when there are more than fit into a map.
fn headers(
    single: Option<BTreeMap<String, String>>,
    multiple: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
) -> Option<HeaderMap> {
    let multiple = multiple.filter(|headers| !headers.is_empty());
    let named: Vec<(String, Vec<String>)> = match multiple {
        Some(multiple) => multiple.into_iter().collect(),
        None => single
            .into_iter()
            .flatten()
            .map(|(name, value)| (name, vec![value]))
            .collect(),
    };
    let cookies = cookies.map(|cookies| (header::COOKIE.to_string(), cookies));
    let mut headers = HeaderMap::new();
    for (name, values) in named.into_iter().chain(cookies) {
        // What is no name in HTTP is none that is looked at.
        let Ok(name) = HeaderName::try_from(name) else {
            continue;
        };
        for value in values {
            headers.try_append(&name, header_value(&value)?).ok()?;
        }
    }
    Some(headers)
}

/// A header's value with what HTTP cannot carry replaced: never dropped, since a missing `Origin` is believed more
/// than an odd one.
fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&text.replace(char::is_control, "\u{fffd}")).ok()
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::{ErrorCode, query, request_body::DroppedBody};

    #[test]
    fn a_request_of_format_2_is_read() {
        let (format, request) = read(&v2(json!({
            "body": "e30=",
            "isBase64Encoded": true,
            "cookies": ["a=1", "b=2"],
        })));

        let request = request.unwrap();
        assert_eq!(format, Format::V2);
        assert_eq!(
            (request.method(), request.raw_http_path()),
            (&Method::POST, "/auth/login")
        );
        assert_eq!(request.body(), &Body::Binary(b"{}".into()));
        assert_eq!(values(&request, "cookie"), ["a=1", "b=2"]);
        assert_eq!(
            request.extensions().get(),
            Some(&GatewayContext {
                source_ip: Some("192.0.2.1".into()),
                authorizer: Map::from_iter([("sub".into(), "user-1".into())]),
                request_id: Some("request-1".into()),
            })
        );
    }

    #[test]
    fn a_request_of_format_1_is_read() {
        let (format, request) = read(&v1(json!({"body": "{}"})));

        let request = request.unwrap();
        assert_eq!(format, Format::V1);
        assert_eq!(
            (request.method(), request.raw_http_path()),
            (&Method::POST, "/auth/login")
        );
        assert_eq!(request.body(), &Body::Text("{}".into()));
        assert_eq!(
            request.extensions().get(),
            Some(&GatewayContext {
                source_ip: Some("192.0.2.1".into()),
                authorizer: Map::from_iter([("sub".into(), "user-1".into())]),
                request_id: Some("request-1".into()),
            })
        );
    }

    #[test]
    fn every_value_of_a_header_is_kept_where_the_event_has_them() {
        let (_, request) = read(&v1(json!({
            "headers": {"origin": "https://second.example"},
            "multiValueHeaders": {"Origin": ["https://first.example", "https://second.example"]},
        })));

        let origins = ["https://first.example", "https://second.example"];
        assert_eq!(values(&request.unwrap(), "origin"), origins);
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
        assert_eq!(query::parameter(&request, "limit"), Some("7"));
        assert_eq!(query::parameter(&request, "cursor"), Some("a b"));
        assert_eq!(query::parameter(&request, "other"), None);
    }

    #[rstest]
    #[case::control("a\u{1}b", "a\u{fffd}b")]
    #[case::line_break("a\r\nb", "a\u{fffd}\u{fffd}b")]
    #[case::not_ascii("caf\u{e9}", "caf\u{e9}")]
    #[case::empty("", "")]
    fn what_a_header_cannot_carry_is_replaced_and_not_dropped(#[case] sent: &str, #[case] read_as: &str) {
        let (_, request) = read(&v2(json!({"headers": {"origin": sent, "bad name": "x", "other": "1"}})));

        let request = request.unwrap();
        assert_eq!(request.headers()["origin"].as_bytes(), read_as.as_bytes());
        assert_eq!(request.headers()["other"], "1");
        assert_eq!(request.headers().len(), 2);
    }

    /// Each of these made `lambda_http`'s own reader panic.
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
    fn what_makes_no_url_is_read_all_the_same(#[case] changes: Value) {
        let (_, request) = read(&v2(changes.clone()));

        let path = changes.get("rawPath").and_then(Value::as_str).unwrap_or("/auth/login");
        assert_eq!(request.unwrap().raw_http_path(), path);
    }

    #[rstest]
    #[case::query(json!({"queryStringParameters": {"a": null}, "pathParameters": {"b": null}}))]
    #[case::stage(json!({"stageVariables": [1], "rawQueryString": 1}))]
    #[case::request_id(json!({"requestContext": {"http": {"method": "POST"}, "requestId": [1]}}))]
    #[case::time(json!({"requestContext": {"http": {"method": "POST"}, "timeEpoch": "soon"}}))]
    fn what_is_not_looked_at_may_be_of_any_form(#[case] changes: Value) {
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
    fn what_is_looked_at_and_odd_is_refused_in_the_format_of_the_event(#[case] changes: Value) {
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
    fn what_is_no_event_is_refused_in_format_1(#[case] payload: &str) {
        let (format, request) = read(payload);

        assert_eq!(format, Format::V1);
        assert_eq!(request.unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn more_headers_than_fit_are_refused() {
        let headers: Map<String, Value> = (0..40_000).map(|n| (format!("x-{n}"), "1".into())).collect();

        let (_, request) = read(&v2(json!({"headers": headers})));

        assert_eq!(request.unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn a_dropped_body_is_marked() {
        let (_, request) = read(&v2(json!({"body": "%%%", "isBase64Encoded": true})));

        let request = request.unwrap();
        assert_eq!(request.extensions().get(), Some(&DroppedBody::NotBase64));
        assert_eq!(request.body(), &Body::Empty);
    }

    #[rstest]
    #[case::nothing(json!(null))]
    #[case::of_the_gateway(json!({"integrationLatency": 1, "claims": null, "scopes": null}))]
    fn an_api_without_authorizer_passes_nothing_on(#[case] authorizer: Value) {
        for event in [
            v1(json!({"requestContext": {"authorizer": authorizer}})),
            v2(json!({"requestContext": {"http": {"method": "GET"}, "authorizer": authorizer}})),
            v2(json!({"requestContext": {"http": {"method": "GET"}, "authorizer": {"lambda": null}}})),
        ] {
            let request = read(&event).1.unwrap();

            assert_eq!(request.extensions().get(), Some(&GatewayContext::default()));
        }
    }

    fn v2(changes: Value) -> String {
        let event = json!({
            "version": "2.0",
            "rawPath": "/auth/login",
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {
                "requestId": "request-1",
                "http": {"method": "POST", "path": "/auth/login", "sourceIp": "192.0.2.1"},
                "authorizer": {"lambda": {"sub": "user-1"}},
            },
            "isBase64Encoded": false,
        });
        changed(event, changes)
    }

    fn v1(changes: Value) -> String {
        let event = json!({
            "resource": "/{proxy+}",
            "httpMethod": "POST",
            "path": "/auth/login",
            "headers": {"Content-Type": "application/json"},
            "requestContext": {
                "requestId": "request-1",
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

    fn values<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
        let values = request.headers().get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }
}
