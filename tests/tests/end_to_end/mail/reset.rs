//! `POST /auth/forgot` and `POST /auth/reset`.

use auth::user::Status;
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;
use tests::{Answer, EMAIL, PASSWORD, Stack};

use super::{NEW, code, login, newest, post, request, token};

#[tokio::test]
async fn a_link_sets_a_new_password_and_ends_every_session() {
    let stack = Stack::start().await;
    let session = stack.login().await;
    request(&stack, "/auth/forgot", EMAIL).await;
    let token = token(&newest(&stack, EMAIL).await);

    let reset = reset(&stack, &token, NEW).await;

    assert_eq!(reset.status, StatusCode::NO_CONTENT, "{}", reset.body);
    stack.clock.advance(6);
    assert_eq!(
        stack.me(&session.text("access_token")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        stack.refresh(&session.text("refresh_token")).await.error(),
        "invalid_grant"
    );
    assert_eq!(login(&stack, EMAIL, PASSWORD).await.error(), "invalid_grant");
    assert_eq!(login(&stack, EMAIL, NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_sets_a_new_password_once() {
    let stack = Stack::start().await;
    let own = request(&stack, "/auth/forgot", EMAIL).await;
    let body = json!({"request": own, "code": code(&newest(&stack, EMAIL).await), "new_password": NEW});

    let first = post(&stack, "/auth/reset", &body).await;
    let again = post(&stack, "/auth/reset", &body).await;

    assert_eq!(first.status, StatusCode::NO_CONTENT, "{}", first.body);
    assert_eq!(again.error(), "invalid_grant");
}

#[tokio::test]
async fn a_link_is_over_once_any_other_has_set_a_password() {
    let stack = Stack::start().await;
    request(&stack, "/auth/forgot", EMAIL).await;
    let first = token(&newest(&stack, EMAIL).await);
    request(&stack, "/auth/forgot", EMAIL).await;
    let second = token(&newest(&stack, EMAIL).await);

    // All of it happens within one second.
    assert_eq!(reset(&stack, &second, NEW).await.status, StatusCode::NO_CONTENT);

    for used in [&first, &second] {
        assert_eq!(reset(&stack, used, PASSWORD).await.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn of_many_at_once_one_succeeds() {
    let stack = Stack::start().await;
    request(&stack, "/auth/forgot", EMAIL).await;
    let token = token(&newest(&stack, EMAIL).await);

    let passwords: Vec<String> = (0..20)
        .map(|number| format!("horse battery staple {number:04}"))
        .collect();

    let answers = join_all(passwords.iter().map(|password| reset(&stack, &token, password))).await;

    let done = answers.iter().filter(|answer| answer.status == StatusCode::NO_CONTENT);
    assert_eq!(done.count(), 1);
    for answer in answers {
        // A transaction fails that meets too many others, and the client may try again.
        let statuses = [
            StatusCode::NO_CONTENT,
            StatusCode::UNAUTHORIZED,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        assert!(statuses.contains(&answer.status), "{}", answer.body);
    }
    assert_eq!(
        reset(&stack, &token, "yet another horse battery").await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn the_same_reset_again_succeeds_for_a_minute() {
    let stack = Stack::start().await;
    request(&stack, "/auth/forgot", EMAIL).await;
    let token = token(&newest(&stack, EMAIL).await);
    assert_eq!(reset(&stack, &token, NEW).await.status, StatusCode::NO_CONTENT);

    // The password was set within the second in which it was first set, so the time of the change is a second later.
    stack.clock.advance(60);
    assert_eq!(reset(&stack, &token, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(reset(&stack, &token, PASSWORD).await.error(), "invalid_grant");
    stack.clock.advance(1);

    assert_eq!(reset(&stack, &token, NEW).await.error(), "invalid_grant");
}

#[tokio::test]
async fn nobody_and_a_disabled_user_get_no_mail() {
    let stack = Stack::start().await;
    stack.set_status(Status::Disabled).await;
    request(&stack, "/auth/forgot", EMAIL).await;
    request(&stack, "/auth/forgot", "nobody@example.com").await;

    assert!(stack.mails().await.is_empty());
    let not_due = stack.log.names().into_iter().filter(|name| name == "mail.not_due");
    assert_eq!(not_due.count(), 2);
}

#[tokio::test]
async fn a_link_to_register_sets_no_password_and_the_other_way_round() {
    let stack = Stack::start().await;
    request(&stack, "/auth/register", "grace@example.com").await;
    let register = token(&newest(&stack, "grace@example.com").await);
    request(&stack, "/auth/forgot", EMAIL).await;
    let forgotten = token(&newest(&stack, EMAIL).await);

    assert_eq!(reset(&stack, &register, NEW).await.error(), "invalid_grant");
    let body = json!({"token": forgotten, "password": NEW});
    let crossed = post(&stack, "/auth/register/confirm", &body).await;
    assert_eq!(crossed.error(), "invalid_grant");
    assert_eq!(stack.refresh(&forgotten).await.error(), "invalid_grant");
    assert_eq!(stack.me(&forgotten).await.status, StatusCode::FORBIDDEN);
    assert_eq!(reset(&stack, &forgotten, NEW).await.status, StatusCode::NO_CONTENT);
}

async fn reset(stack: &Stack, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    post(stack, "/auth/reset", &body).await
}
