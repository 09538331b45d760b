//! `POST /auth/address` and `POST /auth/address/confirm`.

use axum::http::StatusCode;
use serde_json::json;
use tests::{Answer, Call, EMAIL, PASSWORD, Stack};

use super::{login, newest, post, request, token};

const OTHER: &str = "ada@example.org";

#[tokio::test]
async fn both_mailboxes_and_the_password_move_a_user() {
    let stack = Stack::start().await;
    let session = stack.login().await;
    assert_eq!(
        ask(&stack, &session, OTHER, PASSWORD).await.status,
        StatusCode::ACCEPTED
    );
    let old = token(&newest(&stack, EMAIL).await);
    assert_eq!(
        confirm(&stack, &old, "wrong password 12").await.error(),
        "invalid_grant"
    );

    let first = confirm(&stack, &old, PASSWORD).await;

    assert_eq!((first.status, first.json()), (StatusCode::OK, json!({"next": "new"})));
    assert_eq!(login(&stack, EMAIL, PASSWORD).await.status, StatusCode::OK);
    let new = token(&newest(&stack, OTHER).await);

    let second = confirm(&stack, &new, PASSWORD).await;

    assert_eq!(second.status, StatusCode::NO_CONTENT, "{}", second.body);
    assert_eq!(login(&stack, EMAIL, PASSWORD).await.error(), "invalid_grant");
    assert_eq!(login(&stack, OTHER, PASSWORD).await.status, StatusCode::OK);
    let refreshed = stack.refresh(&session.text("refresh_token")).await;
    let me = stack.me(&refreshed.text("access_token")).await;
    assert_eq!(me.json()["email"], OTHER);
    assert_eq!(confirm(&stack, &old, PASSWORD).await.error(), "invalid_grant");
    // The same confirmation again succeeds, because its answer may have been lost. It changes nothing.
    assert_eq!(confirm(&stack, &new, PASSWORD).await.status, StatusCode::NO_CONTENT);
    let notice = newest(&stack, EMAIL).await;
    assert_eq!(notice.purpose.as_deref(), Some("notice"));
}

/// A link that was sent to the old mailbox must not open the account after it has moved away from there.
#[tokio::test]
async fn a_reset_link_is_over_once_the_user_has_moved() {
    let stack = Stack::start().await;
    let session = stack.login().await;
    request(&stack, "/auth/forgot", EMAIL).await;
    let forgotten = token(&newest(&stack, EMAIL).await);
    ask(&stack, &session, OTHER, PASSWORD).await;
    let old = token(&newest(&stack, EMAIL).await);
    confirm(&stack, &old, PASSWORD).await;
    let new = token(&newest(&stack, OTHER).await);
    assert_eq!(confirm(&stack, &new, PASSWORD).await.status, StatusCode::NO_CONTENT);

    let body = json!({"token": forgotten, "new_password": "another horse battery staple"});
    let late = post(&stack, "/auth/reset", &body).await;

    assert_eq!(late.error(), "invalid_grant");
}

#[tokio::test]
async fn the_answer_is_the_same_for_a_taken_address_and_its_holder_is_told() {
    let stack = Stack::start().await;
    stack.login_as_another_user().await;
    let session = stack.login().await;

    let taken = ask(&stack, &session, "grace@example.com", PASSWORD).await;
    stack.clock.advance(60);
    let free = ask(&stack, &session, OTHER, PASSWORD).await;

    assert_eq!((taken.status, &taken.body), (free.status, &free.body));
    let mails = stack.mails().await;
    let to_old = mails.iter().filter(|mail| mail.to.eq_ignore_ascii_case(EMAIL));
    let tokens: Vec<String> = to_old.map(token).collect();
    assert_eq!(confirm(&stack, &tokens[1], PASSWORD).await.status, StatusCode::OK);
    let told = newest(&stack, "grace@example.com").await;
    assert!(
        told.link().is_none_or(|link| !link.contains("token=")),
        "{}",
        told.subject
    );
}

#[tokio::test]
async fn only_the_password_asks_and_not_for_the_present_address() {
    let stack = Stack::start().await;
    let session = stack.login().await;

    let wrong = ask(&stack, &session, OTHER, "wrong password 12").await;
    let same = ask(&stack, &session, "ADA@example.com", PASSWORD).await;

    assert_eq!(wrong.error(), "invalid_grant");
    assert_eq!(same.error(), "invalid_request");
    assert!(stack.mails().await.is_empty());
}

async fn ask(stack: &Stack, session: &Answer, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    let call = Call::post("/auth/address", &body).bearer(&session.text("access_token"));
    stack.send(call).await
}

async fn confirm(stack: &Stack, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    post(stack, "/auth/address/confirm", &body).await
}
