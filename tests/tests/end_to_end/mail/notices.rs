//! Notices: the owner of an account is told what happened to it.

use axum::http::StatusCode;
use serde_json::json;
use tests::{Call, EMAIL, PASSWORD, Stack};

use super::{NEW, newest, post, request, token};

#[tokio::test]
async fn a_change_of_the_password_is_told_once_an_hour() {
    let stack = Stack::start().await;
    let session = stack.login().await;
    let bearer = session.text("access_token");
    for (current, new) in [(PASSWORD, NEW), (NEW, PASSWORD)] {
        let body = json!({"current_password": current, "new_password": new});
        let changed = stack.send(Call::post("/auth/password", &body).bearer(&bearer)).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
        newest(&stack, EMAIL).await;
    }

    assert_eq!(stack.mails().await.len(), 1);
    stack.clock.advance(60 * 60);
    let bearer = stack.login().await.text("access_token");
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    stack.send(Call::post("/auth/password", &body).bearer(&bearer)).await;
    assert_eq!(stack.mails().await.len(), 2);
}

#[tokio::test]
async fn a_reset_is_told() {
    let stack = Stack::start().await;
    request(&stack, "/auth/forgot", EMAIL).await;
    let token = token(&newest(&stack, EMAIL).await);
    post(&stack, "/auth/reset", &json!({"token": token, "new_password": NEW})).await;

    let notice = newest(&stack, EMAIL).await;

    assert_eq!(notice.purpose.as_deref(), Some("notice"));
    assert!(notice.text.unwrap().contains("2023-11-14 22:13 UTC"));
}

#[tokio::test]
async fn a_theft_is_told_although_refresh_does_not_know_of_mail() {
    let stack = Stack::with(&[("RefreshRecovery", "off")]).await;
    let session = stack.login().await;
    let first = session.text("refresh_token");
    let second = stack.refresh(&first).await.text("refresh_token");
    stack.clock.advance(60);
    stack.refresh(&second).await;
    stack.clock.advance(60);

    assert_eq!(stack.refresh(&first).await.error(), "invalid_grant");

    assert!(stack.log.names().contains(&"refresh.theft".to_owned()));
    let notice = newest(&stack, EMAIL).await;
    assert_eq!(notice.purpose.as_deref(), Some("notice"));
}
