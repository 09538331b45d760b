//! Notices: the owner of an account is told what happened to it.

use axum::http::StatusCode;
use serde_json::json;
use tests::{Answer, Call, EMAIL, PASSWORD, Stack};

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

#[tokio::test]
async fn a_login_on_a_new_device_is_told_once_an_hour() {
    let stack = Stack::with(&[("DeviceNotices", "on")]).await;

    stack.login().await;

    let notice = newest(&stack, EMAIL).await;
    assert_eq!(notice.purpose.as_deref(), Some("notice"));
    assert!(
        notice.subject.starts_with("New login to your account"),
        "{}",
        notice.subject
    );
    assert!(notice.text.unwrap().contains("2023-11-14 22:13 UTC"));
    stack.clock.advance(60);
    stack.login().await;
    assert_eq!(stack.mails().await.len(), 1);
    stack.clock.advance(60 * 60);
    stack.login().await;
    assert_eq!(stack.mails().await.len(), 2);
}

#[tokio::test]
async fn neither_a_known_device_nor_a_later_change_of_a_session_is_told() {
    let stack = Stack::with(&[("DeviceNotices", "on")]).await;
    let first = stack.login().await;
    assert_eq!(stack.mails().await.len(), 1);
    stack.clock.advance(60 * 60);

    let again = login_on(&stack, &first).await;
    let refreshed = stack.refresh(&first.text("refresh_token")).await;
    for token in [again.text("refresh_token"), refreshed.text("refresh_token")] {
        stack
            .send(Call::post("/auth/logout", &json!({"refresh_token": token})))
            .await;
    }

    assert_eq!(stack.mails().await.len(), 1);
    assert_eq!(stack.log.names().iter().filter(|name| *name == "mail.sent").count(), 1);
    assert!(!stack.log.names().contains(&"mail.unreadable".to_owned()));
}

#[tokio::test]
async fn neither_a_registration_nor_a_login_with_its_device_token_is_told() {
    let stack = Stack::with(&[("DeviceNotices", "on")]).await;
    let grace = "grace@example.com";
    request(&stack, "/auth/register", grace).await;
    let body = json!({"token": token(&newest(&stack, grace).await), "password": NEW});
    let registered = post(&stack, "/auth/register/confirm", &body).await;

    let body = json!({"email": grace, "password": NEW, "device_token": registered.text("device_token")});
    let login = stack.send(Call::post("/auth/login", &body)).await;

    assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    assert_eq!(stack.mails().await.len(), 1);
}

#[tokio::test]
async fn new_devices_are_not_told_by_default() {
    let stack = Stack::start().await;

    stack.login().await;

    assert_eq!(stack.mails().await.len(), 0);
}

/// Logs in with the device token of an earlier login.
async fn login_on(stack: &Stack, earlier: &Answer) -> Answer {
    let device = earlier.text("device_token");
    let body = json!({"email": EMAIL, "password": PASSWORD, "device_token": device});
    stack.send(Call::post("/auth/login", &body)).await
}
