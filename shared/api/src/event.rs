//! The event that API Gateway sends, made safe before `lambda_http` reads it.
//!
//! `lambda_http` panics on a body that claims to be base64 and is not, and refuses a whole event for one header with
//! an odd byte. Neither is a reason to answer 500.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lambda_http::{
    Request,
    http::{HeaderName, HeaderValue},
};
use serde_json::{Map, Value};

/// Marks a request whose body claimed to be base64 and was not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenBody;

/// The payload format that a function must answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// REST API, and HTTP API with payload format 1.0.
    V1,
    /// HTTP API with payload format 2.0.
    V2,
}

/// Reads an event; `None` when it is not one of an HTTP or REST API.
pub(crate) fn read(payload: &str) -> Option<(Format, Request)> {
    let Value::Object(mut event) = serde_json::from_str(payload).ok()? else {
        return None;
    };
    let format = match event.get("version").and_then(Value::as_str) {
        Some("2.0") => Format::V2,
        _ => Format::V1,
    };
    for headers in ["headers", "multiValueHeaders"] {
        if let Some(Value::Object(headers)) = event.get_mut(headers) {
            keep_representable(headers);
        }
    }
    let broken = has_broken_body(&event);
    if broken {
        event.remove("body");
    }
    let mut request = lambda_http::request::from_str(&Value::Object(event).to_string()).ok()?;
    if broken {
        request.extensions_mut().insert(BrokenBody);
    }
    Some((format, request))
}

fn has_broken_body(event: &Map<String, Value>) -> bool {
    let encoded = event.get("isBase64Encoded") == Some(&Value::Bool(true));
    let body = event.get("body").and_then(Value::as_str);
    encoded && body.is_some_and(|body| STANDARD.decode(body).is_err())
}

/// Drops headers that HTTP could not have carried, or that Rust's types for it cannot.
fn keep_representable(headers: &mut Map<String, Value>) {
    let is_value = |value: &Value| value.as_str().is_some_and(|text| HeaderValue::from_str(text).is_ok());
    headers.retain(|name, value| {
        let representable = match value {
            Value::Array(values) => {
                values.retain(is_value);
                !values.is_empty()
            }
            single => is_value(single),
        };
        representable && HeaderName::try_from(name).is_ok()
    });
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_that_is_not_base64_is_marked_and_dropped() {
        let (_, request) = read(&event(json!({"body": "%%%", "isBase64Encoded": true}))).unwrap();

        assert!(request.extensions().get::<BrokenBody>().is_some());
        assert!(matches!(request.body(), Body::Empty));
    }

    #[test]
    fn a_base64_body_is_decoded() {
        let (format, request) = read(&event(json!({"body": "e30=", "isBase64Encoded": true}))).unwrap();

        assert_eq!(format, Format::V2);
        assert_eq!(&request.body()[..], b"{}");
    }

    #[test]
    fn headers_with_odd_bytes_are_dropped_and_the_others_kept() {
        let headers = json!({"good": "1", "x-control": "a\u{1}b", "bad name": "1", "null": null, "user-agent": "ok"});

        let (_, request) = read(&event(json!({"headers": headers}))).unwrap();

        assert_eq!(request.headers().get("good").unwrap(), "1");
        assert_eq!(request.headers().get("user-agent").unwrap(), "ok");
        assert!(!request.headers().contains_key("x-control"));
    }

    #[test]
    fn what_is_no_api_event_is_not_read() {
        for foreign in ["", "null", "[]", "1", "{\"Records\":[]}", "{"] {
            assert!(read(foreign).is_none(), "{foreign}");
        }
    }

    fn event(changes: Value) -> String {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "POST /auth/login",
            "rawPath": "/auth/login",
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "domainName": "localhost", "domainPrefix": "api",
                "http": {"method": "POST", "path": "/auth/login", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                         "userAgent": "test"},
                "requestId": "id", "routeKey": "POST /auth/login", "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_i64
            },
            "isBase64Encoded": false
        });
        for (name, value) in changes.as_object().unwrap() {
            event[name] = value.clone();
        }
        event.to_string()
    }
}
