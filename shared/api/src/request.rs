//! A request from API Gateway, and what every function may read from it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use auth::{session::ClientDetails, user::is_invisible};
use lambda_http::{
    Body,
    http::{HeaderName, Method, header},
};
use runtime::GatewayRequest;
use serde_json::{Map, Value};

use crate::{Failure, body::DroppedBody, query::Query};

/// The maximum length in characters of a stored user agent or label. Longer ones are shortened.
const MAX_DETAIL: usize = 256;

/// A request, with what the gateway adds to it.
pub struct Request {
    /// The method and the headers. The other parts of an event are in the fields below.
    pub(crate) http: lambda_http::Request,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) body: Result<Body, DroppedBody>,
    /// What the gateway says of the request.
    pub(crate) gateway: GatewayRequest,
    /// The caller's address as the proxy in front of the gateway tells it, once that proxy has proved itself. The log
    /// shares it.
    pub(crate) viewer: Arc<OnceLock<String>>,
    /// The authorizer's context. It is empty if there is none.
    pub(crate) authorizer: Map<String, Value>,
}

impl Request {
    /// Requires the method `GET`.
    ///
    /// # Errors
    /// If the method is not `GET`.
    pub fn require_get(&self) -> Result<(), Failure> {
        (self.http.method() == Method::GET)
            .then_some(())
            .ok_or_else(|| Failure::method_not_allowed("GET"))
    }

    /// Returns the path of the request, as the gateway received it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the authorizer's context as JSON.
    ///
    /// # Errors
    /// If the context is empty. This happens if the route has no authorizer or the request did not come through the
    /// gateway.
    pub fn authorizer_context(&self) -> Result<Value, Failure> {
        let context = &self.authorizer;
        (!context.is_empty())
            .then(|| Value::Object(context.clone()))
            .ok_or_else(Failure::unauthorized)
    }

    /// Returns what a session stores about its client. The address comes from the gateway, never from a header that the
    /// client sends. The user agent and `label` are shortened.
    #[must_use]
    pub fn client_details(&self, label: Option<&str>) -> ClientDetails {
        ClientDetails {
            ip: self.viewer.get().or(self.gateway.source.as_ref()).cloned(),
            user_agent: self.values(&header::USER_AGENT).first().map(|agent| shorten(agent)),
            label: label.map(shorten),
        }
    }

    /// Returns every value of a header. A value that is not UTF-8 is replaced by U+FFFD, so that it does not count as
    /// absent.
    pub(crate) fn values(&self, name: &HeaderName) -> Vec<&str> {
        let values = self.http.headers().get_all(name).iter();
        values
            .map(|value| std::str::from_utf8(value.as_bytes()).unwrap_or("\u{fffd}"))
            .collect()
    }
}

/// Headers and bodies carry secrets, so only the method and the path are shown.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", self.http.method())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Makes a request that did not come through the gateway, for tests.
#[cfg(test)]
impl From<lambda_http::Request> for Request {
    fn from(http: lambda_http::Request) -> Self {
        let (head, body) = http.into_parts();
        Self {
            path: head.uri.path().to_owned(),
            http: lambda_http::Request::from_parts(head, Body::Empty),
            query: Query::default(),
            body: Ok(body),
            gateway: GatewayRequest::default(),
            viewer: Arc::default(),
            authorizer: Map::default(),
        }
    }
}

pub(crate) fn shorten(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control() && !is_invisible(*character))
        .take(MAX_DETAIL)
        .collect()
}

#[cfg(test)]
mod tests {
    use lambda_http::http::Request as HttpRequest;
    use serde_json::json;

    use super::*;
    use crate::ErrorCode;

    #[test]
    fn only_get_is_get() {
        let failure = with(&[]).require_get().unwrap_err();

        assert_eq!(failure.code, ErrorCode::MethodNotAllowed);
        assert_eq!(failure.headers, [("allow", "GET".to_owned())]);
        assert!(Request::from(HttpRequest::default()).require_get().is_ok());
    }

    #[test]
    fn the_address_of_a_client_comes_from_the_gateway_and_not_from_a_header() {
        let headers = [
            ("x-forwarded-for", "203.0.113.7"),
            ("forwarded", "for=203.0.113.7"),
            ("user-agent", "\u{202e}browser\u{e4}"),
        ];
        let mut request = with(&headers);
        request.gateway.source = Some("192.0.2.1".into());

        let client = request.client_details(Some("my\n\u{200b}phone\u{feff}"));

        assert_eq!(client.ip.as_deref(), Some("192.0.2.1"));
        assert_eq!(client.user_agent.as_deref(), Some("browser\u{e4}"));
        assert_eq!(client.label.as_deref(), Some("myphone"));
    }

    #[test]
    fn details_are_shortened_and_never_invented() {
        let headers = [("x-forwarded-for", "203.0.113.7")];
        let long = "\u{e4}".repeat(300);

        let client = with(&headers).client_details(Some(&long));

        assert_eq!((client.ip, client.user_agent), (None, None));
        assert_eq!(client.label, Some("\u{e4}".repeat(256)));
    }

    #[test]
    fn a_caller_is_known_by_what_the_authorizer_passed_on() {
        let mut request = with(&[]);
        assert_eq!(request.authorizer_context().unwrap_err().code, ErrorCode::InvalidToken);

        request.authorizer = Map::from_iter([("sub".to_owned(), json!("user-1"))]);

        assert_eq!(request.authorizer_context().unwrap(), json!({"sub": "user-1"}));
    }

    #[test]
    fn secrets_are_not_shown() {
        let request = Request {
            body: Ok(Body::from("canary")),
            ..with(&[("cookie", "canary")])
        };

        assert_eq!(format!("{request:?}"), r#"Request { method: POST, path: "/", .. }"#);
    }

    fn with(headers: &[(&str, &str)]) -> Request {
        let builder = HttpRequest::builder().method(Method::POST);
        let builder = headers
            .iter()
            .fold(builder, |builder, (name, value)| builder.header(*name, *value));
        builder.body(Body::Empty).unwrap().into()
    }
}
