//! The changes of a password that are refused.

use auth::user::Status;
use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{Call, PASSWORD, Stack};

use super::{NEW, change};

#[tokio::test]
async fn a_wrong_current_password_changes_nothing() {
    let stack = Stack::start().await;
    let [own, other] = [stack.login().await, stack.login().await];

    let refused = change(&stack, &own, "not this one", NEW).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_grant")
    );
    assert_eq!(stack.refresh(&other.text("refresh_token")).await.status, StatusCode::OK);
    assert_eq!(stack.login().await.status, StatusCode::OK);
    let events = stack.log.events();
    let event = events
        .iter()
        .find(|event| event["message"] == "password.refused")
        .unwrap();
    assert_eq!(
        (&event["reason"], &event["level"]),
        (&json!("wrong_password"), &json!("WARN"))
    );
}

#[rstest]
#[case::too_short(json!({"current_password": PASSWORD, "new_password": "fourteen chars"}), "weak_password")]
#[case::common(json!({"current_password": PASSWORD, "new_password": "passwordpassword"}), "weak_password")]
#[case::own_address(json!({"current_password": PASSWORD, "new_password": "ada example 1815"}), "weak_password")]
#[case::service_name(json!({"current_password": PASSWORD, "new_password": "Gatehouse 2026!"}), "weak_password")]
#[case::repeated_word(json!({"current_password": PASSWORD, "new_password": "monkey monkey monkey"}), "weak_password")]
#[case::keyboard_row(json!({"current_password": PASSWORD, "new_password": "qwertyuiop123456"}), "weak_password")]
#[case::too_long(json!({"current_password": PASSWORD, "new_password": "x".repeat(1_025)}), "invalid_request")]
#[case::missing(json!({"current_password": PASSWORD}), "invalid_request")]
#[case::of_the_wrong_type(json!({"current_password": 1, "new_password": NEW}), "invalid_request")]
#[tokio::test]
async fn a_request_that_cannot_be_granted_is_refused_before_anything(#[case] body: Value, #[case] error: &str) {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");
    let _ = stack.wire.take();

    let refused = stack.send(Call::post("/auth/password", &body).bearer(&token)).await;

    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, error)
    );
    assert!(
        stack
            .wire
            .take()
            .iter()
            .all(|crossing| crossing.function == "authorizer")
    );
}

#[tokio::test]
async fn a_user_who_is_logged_out_or_disabled_cannot_change_the_password() {
    let stack = Stack::with(&[("RevocationPollSeconds", "0")]).await;
    let [over, alive] = [stack.login().await, stack.login().await];
    stack.logout(&over.text("refresh_token")).await;

    let logged_out = change(&stack, &over, PASSWORD, NEW).await;
    stack.set_status(Status::Disabled).await;
    let disabled = change(&stack, &alive, PASSWORD, NEW).await;

    for refused in [logged_out, disabled] {
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_token")
        );
    }
}
