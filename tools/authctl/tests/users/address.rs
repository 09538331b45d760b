//! These tests change a user's email address.

use axum::http::StatusCode;
use serde_json::json;
use tests::{Call, EMAIL, PASSWORD, Stack};

use crate::harness::Gatehouse;

const NEW: &str = "Ada@New.example";

#[tokio::test]
async fn a_user_logs_in_with_the_new_address_and_their_sessions_go_on() {
    let stack = Stack::start().await;
    let before = stack.login().await;

    let ran = set_email(&stack, EMAIL, NEW).await;

    assert!(ran.succeeded, "{ran:?}");
    assert_eq!(ran.json()["email"], NEW);
    assert_eq!(stack.login().await.status, StatusCode::UNAUTHORIZED);
    let login = stack
        .send(Call::post("/auth/login", &json!({"email": NEW, "password": PASSWORD})))
        .await;
    assert_eq!(login.status, StatusCode::OK);
    stack.clock.advance(60);
    let refreshed = stack.refresh(&before.text("refresh_token")).await;
    let me = stack.me(&refreshed.text("access_token")).await;
    assert_eq!((me.status, me.text("email")), (StatusCode::OK, NEW.to_owned()));
    assert_eq!(me.text("sub"), stack.user.id.as_str());
}

#[tokio::test]
async fn tokens_with_the_old_address_are_refused_within_the_poll() {
    // The first value changes the address, and the second changes only its upper and lower case.
    for new in [NEW, "ADA@example.com"] {
        let stack = Stack::start().await;
        let token = stack.login().await.text("access_token");
        assert_eq!(stack.me(&token).await.status, StatusCode::OK);

        let ran = set_email(&stack, EMAIL, new).await;
        stack.clock.advance(5);

        assert!(ran.succeeded, "{ran:?}");
        assert_eq!(stack.me(&token).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_had_changes_nothing() {
    let stack = Stack::start().await;
    stack.login_as_another_user().await;
    let before = Gatehouse::of(&stack).everybody().await;
    let long = "\"".repeat(242) + "@example.com";

    for (old, new, told) in [
        (EMAIL, "GRACE@example.com", "a user with this address already exists"),
        ("nobody@example.com", NEW, "no user has this address"),
        (EMAIL, &long, "too long for an access token"),
    ] {
        let ran = set_email(&stack, old, new).await;

        assert!(!ran.succeeded && ran.told.contains(told), "{ran:?}");
    }

    assert_eq!(Gatehouse::of(&stack).everybody().await, before);
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

async fn set_email(stack: &Stack, old: &str, new: &str) -> crate::harness::Ran {
    let gatehouse = Gatehouse::of(stack);
    gatehouse.authctl(&["user", "set-email", old, new, "-o", "json"]).await
}
