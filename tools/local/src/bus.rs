//! The endpoint that functions call instead of EventBridge, with the one operation that they use: `PutEvents`. It prints
//! the events of users.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};

/// The header that names the operation.
const TARGET: &str = "x-amz-target";
/// The name of the operation.
const PUT_EVENTS: &str = "AWSEvents.PutEvents";

/// Returns the endpoint of EventBridge. `notice` prints a line for each event.
pub(crate) fn serve_bus(notice: fn(&str)) -> Router {
    Router::new().route("/", post(put_events)).with_state(notice)
}

async fn put_events(State(notice): State<fn(&str)>, headers: HeaderMap, body: Bytes) -> Response {
    let is_known = headers.get(TARGET).is_some_and(|target| target == PUT_EVENTS);
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (true, Some(entries)) = (is_known, body["Entries"].as_array()) else {
        let refusal = json!({"__type": "ValidationException", "message": "only PutEvents is imitated here"});
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    };
    let accepted = entries.iter().map(|entry| {
        notice(&line(entry));
        json!({"EventId": "00000000-0000-0000-0000-000000000000"})
    });
    let accepted: Vec<Value> = accepted.collect();
    Json(json!({"FailedEntryCount": 0, "Entries": accepted})).into_response()
}

/// Returns the line about an event: its type, the user, and what changed.
fn line(entry: &Value) -> String {
    let kind = entry["DetailType"].as_str().unwrap_or_default();
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).unwrap_or_default();
    let changed = detail["changed"].as_array().into_iter().flatten();
    let changed: Vec<&str> = changed.filter_map(Value::as_str).collect();
    let changed = if changed.is_empty() {
        String::new()
    } else {
        format!(" ({})", changed.join(", "))
    };
    format!(
        "event {kind}: user {}{changed}",
        detail["sub"].as_str().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn a_line_says_what_happened_to_whom() {
        let detail = json!({"sub": "user-1", "changed": ["role", "scope"]}).to_string();
        let event = json!({"DetailType": "gatehouse.user.changed", "Detail": detail});

        assert_eq!(line(&event), "event gatehouse.user.changed: user user-1 (role, scope)");
    }

    #[tokio::test]
    async fn only_events_are_accepted() {
        let entry = json!({"Entries": [{"DetailType": "gatehouse.user.created", "Detail": "{}"}]});
        for (target, body, expected) in [
            (PUT_EVENTS, entry.to_string(), StatusCode::OK),
            ("AWSEvents.ListRules", entry.to_string(), StatusCode::BAD_REQUEST),
            (PUT_EVENTS, "{}".to_owned(), StatusCode::BAD_REQUEST),
            (PUT_EVENTS, String::new(), StatusCode::BAD_REQUEST),
        ] {
            let request = Request::post("/")
                .header(TARGET, target)
                .body(Body::from(body))
                .unwrap();

            let answer = serve_bus(|_| {}).oneshot(request).await.unwrap();

            assert_eq!(answer.status(), expected, "{target}");
        }
    }
}
