//! The main use of Gatehouse: logging in, calling a protected route, refreshing and logging out.

use axum::http::StatusCode;
use serde_json::json;
use tests::{EMAIL, Stack};

#[tokio::test]
async fn a_user_logs_in_calls_refreshes_and_logs_out() {
    let stack = Stack::start().await;

    let login = stack.login().await;
    assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    let me = stack.me(&login.text("access_token")).await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.body);
    assert_eq!(me.text("sub"), stack.user.id.as_str());
    assert_eq!(me.text("email"), EMAIL);

    let refresh = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::OK, "{}", refresh.body);
    assert_ne!(refresh.text("refresh_token"), login.text("refresh_token"));
    assert_eq!(stack.me(&refresh.text("access_token")).await.status, StatusCode::OK);

    let logout = stack.logout(&refresh.text("refresh_token")).await;
    assert_eq!((logout.status, logout.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let refused = stack.refresh(&refresh.text("refresh_token")).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_grant")
    );
    assert_eq!(
        stack.log.names(),
        [
            "login.succeeded",
            "authorizer.allowed",
            "refresh.rotated",
            "logout",
            "refresh.refused"
        ]
    );
}

#[tokio::test]
async fn the_token_answer_is_that_of_the_contract() {
    let stack = Stack::start().await;

    let login = stack.login().await;

    let mut body = login.json();
    for secret in ["access_token", "refresh_token", "device_token", "sid"] {
        assert!(body[secret].is_string(), "{secret}");
        body.as_object_mut().unwrap().remove(secret);
    }
    assert_eq!(
        body,
        json!({"token_type": "Bearer", "expires_in": 900, "refresh_expires_in": 604_800, "scope": "reports:read"})
    );
    assert_eq!(login.header("cache-control"), Some("no-store"));
    assert_eq!(login.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(login.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(login.header("set-cookie").is_none());
}

#[tokio::test]
async fn an_access_token_dies_at_its_second() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");

    stack.clock.advance(900 + 29);
    assert_eq!(stack.me(&token).await.status, StatusCode::OK);
    stack.clock.advance(1);
    assert_eq!(stack.me(&token).await.status, StatusCode::FORBIDDEN);
}
