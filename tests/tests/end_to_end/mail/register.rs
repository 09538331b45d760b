//! `POST /auth/register` and `POST /auth/register/confirm`.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;
use tests::{Answer, Stack};

use super::{NEW, ask, code, login, newest, post, request, token};

const GRACE: &str = "Grace@example.com";

#[tokio::test]
async fn a_link_and_a_password_make_an_account_and_log_in() {
    let stack = Stack::start().await;
    request(&stack, "/auth/register", GRACE).await;
    let mail = newest(&stack, GRACE).await;
    assert!(
        mail.link()
            .unwrap()
            .starts_with("https://issuer.example/register/confirm?token=")
    );

    let registered = confirm(&stack, &token(&mail), NEW).await;

    assert_eq!(registered.status, StatusCode::OK, "{}", registered.body);
    let me = stack.me(&registered.text("access_token")).await.json();
    assert_eq!((&me["email"], &me["role"]), (&json!(GRACE), &json!("user")));
    let refreshed = stack.refresh(&registered.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    assert_eq!(login(&stack, "grace@EXAMPLE.com", NEW).await.status, StatusCode::OK);
    let names = stack.log.names();
    for name in ["mail.requested", "mail.sent", "registration.succeeded"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
}

#[tokio::test]
async fn a_code_works_with_its_request_and_with_no_other() {
    let stack = Stack::start().await;
    let own = request(&stack, "/auth/register", GRACE).await;
    let code = code(&newest(&stack, GRACE).await);
    let other = request(&stack, "/auth/register", GRACE).await;
    let reset = request(&stack, "/auth/forgot", "other@example.com").await;

    for wrong in [&other, &reset] {
        let body = json!({"request": wrong, "code": code, "password": NEW});
        let refused = post(&stack, "/auth/register/confirm", &body).await;
        assert_eq!(refused.error(), "invalid_grant");
    }
    let spaced = format!("{} {}", &code[..4], &code[code.len() - 4..]);
    let body = json!({"request": own, "code": spaced, "password": NEW});
    let registered = post(&stack, "/auth/register/confirm", &body).await;

    assert_eq!(registered.status, StatusCode::OK, "{}", registered.body);
}

#[tokio::test]
async fn a_user_who_registers_is_told_so_and_gets_a_link_for_a_new_password() {
    let stack = Stack::start().await;
    request(&stack, "/auth/register", tests::EMAIL).await;

    let mail = newest(&stack, tests::EMAIL).await;

    assert_eq!(mail.purpose.as_deref(), Some("registered"));
    let text = mail.text.unwrap();
    let link = text.split_whitespace().find(|word| word.contains("?token=")).unwrap();
    let (page, token) = link.split_once("?token=").unwrap();
    assert_eq!(page, "https://issuer.example/reset");
    let confirmed = confirm(&stack, token, NEW).await;
    assert_eq!(confirmed.error(), "invalid_grant");
    let reset = post(&stack, "/auth/reset", &json!({"token": token, "new_password": NEW})).await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_same_confirmation_comes_again_and_another_password_does_not() {
    let stack = Stack::start().await;
    request(&stack, "/auth/register", GRACE).await;
    let token = token(&newest(&stack, GRACE).await);
    let first = confirm(&stack, &token, NEW).await;
    stack.clock.advance(1);

    let again = confirm(&stack, &token, NEW).await;
    let other = confirm(&stack, &token, "yet another horse battery").await;

    assert_eq!((first.status, again.status), (StatusCode::OK, StatusCode::OK));
    let sub = async |answer: &Answer| stack.me(&answer.text("access_token")).await.json()["sub"].clone();
    assert_eq!(sub(&first).await, sub(&again).await);
    assert_eq!(other.error(), "invalid_grant");
}

#[tokio::test]
async fn of_many_at_once_with_one_link_one_gets_the_account() {
    let stack = Stack::start().await;
    request(&stack, "/auth/register", GRACE).await;
    let token = token(&newest(&stack, GRACE).await);
    let passwords: Vec<String> = (0..20)
        .map(|number| format!("horse battery staple {number:04}"))
        .collect();

    let answers = join_all(passwords.iter().map(|password| confirm(&stack, &token, password))).await;

    let done: Vec<&String> = answers
        .iter()
        .zip(&passwords)
        .filter(|(answer, _)| answer.status == StatusCode::OK)
        .map(|(_, password)| password)
        .collect();
    assert_eq!(
        done.len(),
        1,
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
    assert_eq!(login(&stack, GRACE, done[0]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_as_it_is() {
    let stack = Stack::start().await;
    request(&stack, "/auth/register", GRACE).await;
    let token = token(&newest(&stack, GRACE).await);

    for weak in ["short", "grace@example.com", "passwordpassword"] {
        assert_eq!(confirm(&stack, &token, weak).await.error(), "weak_password", "{weak}");
    }

    assert_eq!(confirm(&stack, &token, NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_is_over_after_a_day_and_a_code_after_ten_minutes() {
    let stack = Stack::start().await;
    let own = request(&stack, "/auth/register", GRACE).await;
    let mail = newest(&stack, GRACE).await;
    stack.clock.advance(10 * 60);
    let body = json!({"request": own, "code": code(&mail), "password": NEW});
    assert_eq!(
        post(&stack, "/auth/register/confirm", &body).await.error(),
        "invalid_grant"
    );

    stack.clock.advance(24 * 60 * 60);

    assert_eq!(confirm(&stack, &token(&mail), NEW).await.error(), "invalid_grant");
}

#[tokio::test]
async fn wrong_codes_have_to_wait_and_the_link_does_not() {
    let stack = Stack::start().await;
    let own = request(&stack, "/auth/register", GRACE).await;
    let mail = newest(&stack, GRACE).await;
    let wrong = if code(&mail) == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    let body = json!({"request": own, "code": wrong, "password": NEW});
    for _ in 0..5 {
        assert_eq!(
            post(&stack, "/auth/register/confirm", &body).await.error(),
            "invalid_grant"
        );
    }

    let sixth = post(&stack, "/auth/register/confirm", &body).await;

    assert_eq!(sixth.error(), "throttled");
    assert_eq!(confirm(&stack, &token(&mail), NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn registration_is_off_or_on_or_for_domains() {
    let off = Stack::with(&[("Registration", "off")]).await;
    assert_eq!(ask(&off, "/auth/register", GRACE).await.error(), "not_found");
    assert_eq!(ask(&off, "/auth/forgot", GRACE).await.status, StatusCode::ACCEPTED);

    let domains = Stack::with(&[("Registration", "example.org,example.com")]).await;
    assert_eq!(
        ask(&domains, "/auth/register", GRACE).await.status,
        StatusCode::ACCEPTED
    );
    let other = ask(&domains, "/auth/register", "grace@example.net").await;
    assert_eq!(other.error(), "invalid_request");
}

async fn confirm(stack: &Stack, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    post(stack, "/auth/register/confirm", &body).await
}
