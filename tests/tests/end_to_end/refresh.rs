//! `POST /auth/refresh` with the token in the body.

use auth::user::Status;
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tests::{Call, Stack};

#[tokio::test]
async fn within_the_window_the_same_token_is_given_again() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    let second = stack.refresh(&first).await.text("refresh_token");

    stack.clock.advance(10);
    let parent_again = stack.refresh(&first).await;
    let current_again = stack.refresh(&second).await;

    assert_eq!(parent_again.text("refresh_token"), second);
    assert_eq!(current_again.text("refresh_token"), second);
    assert_eq!(stack.log.names().split_off(2), ["refresh.repeated", "refresh.repeated"]);
}

#[tokio::test]
async fn after_the_window_the_current_token_rotates() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    let second = stack.refresh(&first).await.text("refresh_token");

    stack.clock.advance(11);
    let third = stack.refresh(&second).await.text("refresh_token");

    assert_ne!(third, second);
}

#[tokio::test]
async fn a_spent_token_of_long_ago_ends_the_session() {
    let stack = Stack::start().await;
    let first = stack.login().await.text("refresh_token");
    let mut current = stack.refresh(&first).await.text("refresh_token");
    for _ in 0..2 {
        stack.clock.advance(60);
        current = stack.refresh(&current).await.text("refresh_token");
    }

    stack.clock.advance(60);
    let theft = stack.refresh(&first).await;
    let owner = stack.refresh(&current).await;

    for refused in [theft, owner] {
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_grant")
        );
        assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer realm="gatehouse""#));
    }
    assert_eq!(stack.log.names().split_off(4), ["refresh.theft", "refresh.refused"]);
}

#[tokio::test]
async fn an_unused_token_dies_after_seven_days_and_a_session_after_thirty() {
    const DAY: i64 = 24 * 60 * 60;
    let stack = Stack::start().await;
    let idle = stack.login().await.text("refresh_token");
    stack.clock.advance(7 * DAY + 30);
    assert_eq!(stack.refresh(&idle).await.status, StatusCode::UNAUTHORIZED);

    let mut used = stack.login().await;
    for _ in 0..4 {
        stack.clock.advance(7 * DAY - 1);
        used = stack.refresh(&used.text("refresh_token")).await;
        assert_eq!(used.status, StatusCode::OK);
    }
    assert_eq!(used.json()["refresh_expires_in"], json!(2 * DAY + 4));
    stack.clock.advance(2 * DAY + 4);
    assert_eq!(
        stack.refresh(&used.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_disabled_user_gets_no_token_and_the_session_is_over() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("refresh_token");

    stack.set_status(Status::Disabled).await;
    assert_eq!(stack.refresh(&token).await.status, StatusCode::UNAUTHORIZED);
    stack.set_status(Status::Enabled).await;
    assert_eq!(stack.refresh(&token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_changed_role_is_in_the_very_next_access_token() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("refresh_token");

    stack.set_role("auditor").await;
    stack.clock.advance(4);
    let refreshed = stack.refresh(&token).await;

    assert_eq!(stack.me(&refreshed.text("access_token")).await.text("role"), "auditor");
}

#[tokio::test]
async fn an_access_token_and_garbage_are_refused_without_a_read() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let mut tampered = login.text("refresh_token");
    tampered.replace_range(0..1, "f");
    let crossings = stack.wire.take();
    assert!(!crossings.is_empty());

    for token in [
        login.text("access_token"),
        tampered,
        "garbage".to_owned(),
        String::new(),
    ] {
        let refused = stack.refresh(&token).await;

        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_grant")
        );
    }
    assert!(stack.wire.take().is_empty());
}

#[rstest]
#[case::number(json!({"refresh_token": 1}))]
#[case::list(json!({"refresh_token": ["token"]}))]
#[tokio::test]
async fn a_token_that_is_not_a_string_is_malformed(#[case] body: serde_json::Value) {
    let stack = Stack::start().await;

    let refused = stack.send(Call::post("/auth/refresh", &body)).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
}
