//! `POST /auth/logout` with the token in the body.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tests::{Call, Stack};

#[tokio::test]
async fn any_token_of_the_session_ends_it_and_a_retry_changes_nothing() {
    let stack = Stack::start().await;
    let spent = stack.login().await.text("refresh_token");
    let current = stack.refresh(&spent).await.text("refresh_token");

    for _ in 0..2 {
        assert_eq!(stack.logout(&spent).await.status, StatusCode::NO_CONTENT);
    }

    assert_eq!(stack.refresh(&current).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_expired_token_still_ends_its_session() {
    let stack = Stack::start().await;
    let spent = stack.login().await.text("refresh_token");
    stack.clock.advance(6 * 86_400);
    let current = stack.refresh(&spent).await.text("refresh_token");
    stack.clock.advance(2 * 86_400);

    assert_eq!(stack.logout(&spent).await.status, StatusCode::NO_CONTENT);

    assert_eq!(stack.refresh(&current).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn other_sessions_go_on() {
    let stack = Stack::start().await;
    let (one, other) = (stack.login().await, stack.login().await);

    stack.logout(&one.text("refresh_token")).await;

    assert_eq!(stack.refresh(&other.text("refresh_token")).await.status, StatusCode::OK);
}

#[rstest]
#[case::garbage("garbage")]
#[case::empty("")]
#[case::three_parts("a.b.c")]
#[tokio::test]
async fn an_unknown_token_gets_the_same_answer(#[case] token: &str) {
    let stack = Stack::start().await;
    let known = stack.login().await;
    let known = stack.logout(&known.text("refresh_token")).await;
    let _known = stack.wire.take();

    let unknown = stack.logout(token).await;

    assert_eq!((unknown.status, &unknown.body), (known.status, &known.body));
    assert!(stack.wire.take().is_empty());
}

#[rstest]
#[case::token_type(json!({"refresh_token": 1}))]
#[case::scope(json!({"refresh_token": "x", "scope": "galaxy"}))]
#[case::scope_type(json!({"refresh_token": "x", "scope": ["session"]}))]
#[tokio::test]
async fn a_malformed_request_is_refused(#[case] body: serde_json::Value) {
    let stack = Stack::start().await;

    let refused = stack.send(Call::post("/auth/logout", &body)).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
}
