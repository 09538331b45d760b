//! The event of API Gateway, in each of its formats. It is read leniently: a missing, unknown or malformed member is
//! not an error, but it never makes a request more trusted.

use rules::{Called, Kept};
use runtime::GatewayRequest;

use crate::{
    arn::{self, Stage},
    object::Object,
    presented::{Presented, in_authorization_token, in_headers, in_headers_or_identity, in_headers_or_query},
};

/// The form of the answer that an API expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// A policy, or an error if there is no good token: for REST and WebSocket APIs, and for events of an unknown
    /// format.
    PolicyOrError,
    /// A policy, even if there is no good token: for HTTP APIs with format 1.0, and for those with format 2.0 that are
    /// configured for policies.
    Policy,
    /// A simple answer, yes or no: for HTTP APIs with format 2.0.
    Simple,
}

/// What an event asks the authorizer, as far as it was understood.
#[derive(Debug)]
pub(crate) struct Question {
    /// The form of the answer.
    pub(crate) wording: Wording,
    /// The values from all places where the token may be.
    pub(crate) presented: Presented,
    /// The called stage, or `None` if the event has no valid ARN.
    pub(crate) stage: Option<Stage>,
    /// The called route and request.
    pub(crate) called: Called,
}

impl Question {
    /// Reads an event of any format. `wording` is the form of the answer to events of format 2.0. `parameter` is the
    /// query parameter in which clients of a WebSocket API may send the token.
    pub(crate) fn read(payload: &str, wording: Wording, parameter: Option<&str>) -> Self {
        let event = &Object::read(payload).unwrap_or_default();
        let context = &event.object("requestContext");
        let shape = (event.text("version"), event.text("type"));
        let (wording, presented) = match (shape.0.as_deref(), shape.1.as_deref()) {
            (Some("2.0"), _) => (wording, in_headers(event)),
            (Some("1.0"), _) => (Wording::Policy, in_headers_or_identity(event)),
            (_, Some("TOKEN")) => (Wording::PolicyOrError, in_authorization_token(event)),
            (_, Some("REQUEST")) => {
                let connects = context.text("eventType").as_deref() == Some("CONNECT");
                let parameter = parameter.filter(|_| connects);
                (Wording::PolicyOrError, in_headers_or_query(event, parameter))
            }
            _ => (Wording::PolicyOrError, Presented::default()),
        };
        let arn = event.text("methodArn").or_else(|| event.text("routeArn"));
        let (stage, request) = arn.as_deref().and_then(arn::parse).unzip();
        let named = stage.as_ref().map(|stage| stage.api.clone());
        let called = Called {
            api: named.or_else(|| context.text("apiId")),
            route: route(request, event, context),
            request: request.map(str::to_owned),
            kept: match wording {
                Wording::Simple => Kept::ForItsRoute,
                Wording::Policy | Wording::PolicyOrError => Kept::ForItsStage,
            },
        };
        Self {
            wording,
            presented,
            stage,
            called,
        }
    }

    /// Returns the request as the gateway describes it in this payload. Only log lines need it, so it is not read with
    /// every question.
    pub(crate) fn describe(&self, payload: &str) -> GatewayRequest {
        let event = Object::read(payload).unwrap_or_default();
        let context = event.object("requestContext");
        let by_http = context.object("http").text("sourceIp");
        GatewayRequest {
            id: context.text("requestId"),
            api: self.called.api.clone(),
            route: self.called.route.clone(),
            source: by_http.or_else(|| context.object("identity").text("sourceIp")),
        }
    }
}

/// Returns the gateway's name of the route, which does not depend on how the path is written. REST APIs and format 1.0
/// name only the path of the route, so this function adds the method of the request.
fn route(request: Option<&str>, event: &Object<'_>, context: &Object<'_>) -> Option<String> {
    let key = event.text("routeKey").or_else(|| context.text("routeKey"));
    key.or_else(|| {
        let (method, _) = request?.split_once('/')?;
        Some(format!("{method} {}", event.text("resource")?))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/reports/7";

    #[rstest]
    #[case::rest_token(json!({"type": "TOKEN"}), true, Wording::PolicyOrError)]
    #[case::rest_request(json!({"type": "REQUEST"}), true, Wording::PolicyOrError)]
    #[case::web_socket(json!({"version": "$LATEST", "type": "REQUEST"}), true, Wording::PolicyOrError)]
    #[case::http_1(json!({"version": "1.0", "type": "REQUEST"}), true, Wording::Policy)]
    #[case::http_2(json!({"version": "2.0", "type": "REQUEST"}), true, Wording::Simple)]
    #[case::http_2_without_a_type(json!({"version": "2.0"}), true, Wording::Simple)]
    #[case::no_version_and_no_type(json!({"methodArn": ARN}), false, Wording::PolicyOrError)]
    #[case::another_type(json!({"type": "OTHER"}), false, Wording::PolicyOrError)]
    #[case::odd_types(json!({"version": 2.0, "type": ["TOKEN"]}), false, Wording::PolicyOrError)]
    #[case::array(json!([]), false, Wording::PolicyOrError)]
    #[case::null(json!(null), false, Wording::PolicyOrError)]
    fn the_format_of_an_event_decides_the_form_of_the_answer(
        #[case] event: Value,
        #[case] understood: bool,
        #[case] wording: Wording,
    ) {
        let question = read(&event);

        assert_eq!((question.presented.understood, question.wording), (understood, wording));
    }

    #[test]
    fn format_2_is_answered_in_the_configured_form() {
        let event = json!({"version": "2.0"}).to_string();

        assert_eq!(Question::read(&event, Wording::Policy, None).wording, Wording::Policy);
    }

    #[rstest]
    #[case::arn(json!({"type": "TOKEN", "methodArn": ARN}), Some("GET/reports/7"), None)]
    #[case::rest(
        json!({"type": "REQUEST", "methodArn": ARN, "httpMethod": "GET", "resource": "/reports/{id}", "path": "/x"}),
        Some("GET/reports/7"),
        Some("GET /reports/{id}")
    )]
    #[case::http_2(
        json!({"version": "2.0", "routeArn": ARN, "routeKey": "ANY /reports/{id}", "rawPath": "/prod/reports/7",
            "requestContext": {"http": {"method": "GET"}}}),
        Some("GET/reports/7"),
        Some("ANY /reports/{id}")
    )]
    #[case::default_route(
        json!({"version": "2.0", "routeArn": ARN, "routeKey": "$default"}),
        Some("GET/reports/7"),
        Some("$default")
    )]
    #[case::no_arn(json!({"version": "2.0", "routeKey": "ANY /a", "rawPath": "/a"}), None, Some("ANY /a"))]
    #[case::web_socket(
        json!({"type": "REQUEST", "methodArn": "arn:aws:execute-api:eu-west-1:1:abc123/prod/$connect",
            "requestContext": {"eventType": "CONNECT", "routeKey": "$connect"}}),
        Some("$connect"),
        Some("$connect")
    )]
    #[case::nothing(json!({}), None, None)]
    fn what_was_called_is_known_by_the_arn_and_by_the_route(
        #[case] event: Value,
        #[case] request: Option<&str>,
        #[case] route: Option<&str>,
    ) {
        let called = read(&event).called;

        assert_eq!((called.request.as_deref(), called.route.as_deref()), (request, route));
    }

    #[rstest]
    #[case::http_2(
        json!({"version": "2.0", "routeArn": ARN, "routeKey": "GET /reports/{id}",
            "requestContext": {"requestId": "r-1", "http": {"sourceIp": "192.0.2.1", "path": "/reports/7"}}}),
        Some("GET /reports/{id}")
    )]
    #[case::rest(
        json!({"type": "REQUEST", "methodArn": ARN, "resource": "/reports/{id}",
            "requestContext": {"requestId": "r-1", "identity": {"sourceIp": "192.0.2.1"}}}),
        Some("GET /reports/{id}")
    )]
    fn a_request_is_described_without_what_the_caller_wrote(#[case] event: Value, #[case] route: Option<&str>) {
        let described = read(&event).describe(&event.to_string());

        assert_eq!(
            (described.id.as_deref(), described.api.as_deref()),
            (Some("r-1"), Some("abc123"))
        );
        assert_eq!(
            (described.route.as_deref(), described.source.as_deref()),
            (route, Some("192.0.2.1"))
        );
    }

    /// A setting decides whether simple answers may be cached at all. `Question::read` ignores this setting, and
    /// `Settings::read_question` applies it.
    #[test]
    fn an_answer_is_cached_for_its_route_or_its_stage() {
        assert_eq!(read(&json!({"version": "2.0"})).called.kept, Kept::ForItsRoute);
        assert_eq!(read(&json!({"version": "1.0"})).called.kept, Kept::ForItsStage);
        assert_eq!(read(&json!({"type": "TOKEN"})).called.kept, Kept::ForItsStage);
    }

    #[test]
    fn the_api_is_that_of_the_arn_or_else_that_of_the_context() {
        let context = json!({"apiId": "other"});

        let both = read(&json!({"version": "2.0", "routeArn": ARN, "requestContext": context})).called;
        let one = read(&json!({"version": "2.0", "requestContext": context})).called;

        assert_eq!(
            (both.api.as_deref(), one.api.as_deref()),
            (Some("abc123"), Some("other"))
        );
        assert_eq!(read(&json!({"version": "2.0"})).called.api, None);
    }

    #[rstest]
    #[case("")]
    #[case("{")]
    #[case("{\"type\":\"TOKEN\",}")]
    #[case("{\"type\":\"TOKEN\",\"authorizationToken\":\"a\nb\"}")]
    #[case(&"[".repeat(100_000))]
    fn invalid_json_is_not_understood(#[case] payload: &str) {
        assert!(!Question::read(payload, Wording::Simple, None).presented.understood);
    }

    fn read(event: &Value) -> Question {
        Question::read(&event.to_string(), Wording::Simple, None)
    }
}
