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
use serde::Deserialize;
use serde_json::{Value, json};

/// The header that names the operation.
const TARGET: &str = "x-amz-target";
/// The name of the operation.
const PUT_EVENTS: &str = "AWSEvents.PutEvents";

/// Returns the endpoint of EventBridge. `notice` prints a line for each event.
pub(crate) fn serve_bus(notice: fn(&str)) -> Router {
    Router::new().route("/", post(put_events)).with_state(notice)
}

/// The body of `PutEvents`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    entries: Vec<Entry>,
}

/// An event.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    detail_type: String,
    detail: String,
}

/// The part of an event about a user that is printed.
#[derive(Default, Deserialize)]
struct Detail {
    sub: String,
    #[serde(default)]
    changed: Vec<String>,
}

async fn put_events(State(notice): State<fn(&str)>, headers: HeaderMap, body: Bytes) -> Response {
    let is_known = headers.get(TARGET).is_some_and(|target| target == PUT_EVENTS);
    let (true, Ok(PutEvents { entries })) = (is_known, serde_json::from_slice(&body)) else {
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
fn line(entry: &Entry) -> String {
    let Detail { sub, changed } = serde_json::from_str(&entry.detail).unwrap_or_default();
    let changed = if changed.is_empty() {
        String::new()
    } else {
        format!(" ({})", changed.join(", "))
    };
    format!("event {}: user {sub}{changed}", entry.detail_type)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn a_line_says_what_happened_to_whom() {
        let detail = json!({"sub": "user-1", "changed": ["role", "scope"]}).to_string();
        let event = Entry {
            detail_type: "gatehouse.user.changed".to_owned(),
            detail,
        };

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
