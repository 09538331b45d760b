//! The time until the gateway refuses a revoked token: at most the poll interval plus the cache time of the gateway.

mod feed;

use auth::user::{Email, Status};
use axum::http::{Method, StatusCode};
use claims::Clock as _;
use serde_json::json;
use tests::{Answer, Call, EMAIL, Stack};

#[tokio::test]
async fn after_a_logout_the_access_token_is_refused_within_the_poll() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    assert_eq!(me(&stack, &login).await, StatusCode::OK);

    stack.logout(&login.text("refresh_token")).await;

    stack.clock.advance(4);
    assert_eq!(me(&stack, &login).await, StatusCode::OK);
    stack.clock.advance(1);
    assert_eq!(me(&stack, &login).await, StatusCode::FORBIDDEN);
    let denied = stack.log.events().pop().unwrap();
    assert_eq!(
        (&denied["message"], &denied["reason"]),
        (&json!("authorizer.denied"), &json!("revoked"))
    );
}

#[tokio::test]
async fn the_cache_of_the_gateway_adds_its_own_seconds() {
    let stack = Stack::with(&[("AuthorizerCacheSeconds", "30")]).await;
    let login = stack.login().await;
    stack.clock.advance(4);
    assert_eq!(me(&stack, &login).await, StatusCode::OK);

    stack.logout(&login.text("refresh_token")).await;

    stack.clock.advance(29);
    assert_eq!(me(&stack, &login).await, StatusCode::OK);
    stack.clock.advance(1);
    assert_eq!(me(&stack, &login).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn logging_out_the_others_spares_the_tokens_of_this_session() {
    let stack = Stack::start().await;
    let (asking, other) = (stack.login().await, stack.login().await);

    logout(&stack, &asking, "others").await;
    stack.clock.advance(5);

    assert_eq!(me(&stack, &asking).await, StatusCode::OK);
    assert_eq!(me(&stack, &other).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn logging_out_everywhere_spares_no_token_but_later_ones() {
    let stack = Stack::start().await;
    let (asking, other) = (stack.login().await, stack.login().await);

    logout(&stack, &asking, "all").await;
    let later = stack.login().await;
    stack.clock.advance(5);

    assert_eq!(me(&stack, &asking).await, StatusCode::FORBIDDEN);
    assert_eq!(me(&stack, &other).await, StatusCode::FORBIDDEN);
    assert_eq!(me(&stack, &later).await, StatusCode::OK);
}

#[tokio::test]
async fn ending_a_session_from_the_list_ends_its_access_tokens() {
    let stack = Stack::start().await;
    let (asking, other) = (stack.login().await, stack.login().await);

    let path = format!("/auth/sessions/{}", other.text("sid"));
    stack
        .send(Call::new(Method::DELETE, &path).bearer(&asking.text("access_token")))
        .await;
    stack.clock.advance(5);

    assert_eq!(me(&stack, &other).await, StatusCode::FORBIDDEN);
    assert_eq!(me(&stack, &asking).await, StatusCode::OK);
}

#[tokio::test]
async fn a_theft_ends_the_access_tokens_of_the_thief() {
    let stack = Stack::with(&[("RefreshRecovery", "off")]).await;
    let stolen = stack.login().await.text("refresh_token");
    let owner = stack.refresh(&stolen).await;
    stack.clock.advance(11);

    assert_eq!(stack.refresh(&stolen).await.status, StatusCode::UNAUTHORIZED);
    stack.clock.advance(5);

    assert_eq!(me(&stack, &owner).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn disabling_a_user_ends_their_tokens_and_enabling_revives_none() {
    let stack = Stack::start().await;
    let login = stack.login().await;

    stack.set_status(Status::Disabled).await;
    stack.clock.advance(5);
    assert_eq!(me(&stack, &login).await, StatusCode::FORBIDDEN);

    stack.set_status(Status::Enabled).await;
    stack.clock.advance(5);
    assert_eq!(me(&stack, &login).await, StatusCode::FORBIDDEN);
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(refreshed.error(), "invalid_grant");
    let next = stack.login().await;
    assert_eq!(me(&stack, &next).await, StatusCode::OK);
}

#[tokio::test]
async fn a_token_from_the_second_of_disabling_and_enabling_is_refused() {
    let stack = Stack::start().await;
    let before = stack.login().await;

    stack.set_status(Status::Disabled).await;
    stack.set_status(Status::Enabled).await;
    let after = stack.login().await;
    stack.clock.advance(5);

    assert_eq!(me(&stack, &before).await, StatusCode::FORBIDDEN);
    assert_eq!(me(&stack, &after).await, StatusCode::OK);
}

#[tokio::test]
async fn a_token_with_the_old_role_ends_and_the_next_one_is_good() {
    let stack = Stack::start().await;
    let login = stack.login().await;

    stack.set_role("auditor").await;
    stack.clock.advance(5);
    let refreshed = stack.refresh(&login.text("refresh_token")).await;

    assert_eq!(me(&stack, &login).await, StatusCode::FORBIDDEN);
    assert_eq!(stack.me(&refreshed.text("access_token")).await.text("role"), "auditor");
}

#[tokio::test]
async fn an_operator_ends_every_session_at_once() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let (email, now) = (Email::parse(EMAIL).unwrap(), stack.clock.now());

    auth::accounts::end_sessions(&email, now, &stack.users, &stack.epochs(), &stack.feed)
        .await
        .unwrap();
    stack.clock.advance(5);

    assert_eq!(me(&stack, &login).await, StatusCode::FORBIDDEN);
    assert_eq!(
        stack.refresh(&login.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn me(stack: &Stack, tokens: &Answer) -> StatusCode {
    stack.me(&tokens.text("access_token")).await.status
}

async fn logout(stack: &Stack, login: &Answer, scope: &str) -> Answer {
    let body = json!({"refresh_token": login.text("refresh_token"), "scope": scope});
    stack.send(Call::post("/auth/logout", &body)).await
}
