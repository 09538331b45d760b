//! These tests change the scope and the custom claims of a user.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::{EMAIL, Stack};

use crate::harness::{Gatehouse, Ran};

#[tokio::test]
async fn the_next_token_has_the_new_claims_and_the_old_one_is_refused() {
    let claims = r#"{"tenant":{"id":7},"plan":"pro"}"#;
    for (command, value) in [("set-scope", "reports:read users:write"), ("set-claims", claims)] {
        let stack = Stack::start().await;
        let before = stack.login().await;
        let old = before.text("access_token");
        assert_eq!(stack.me(&old).await.status, StatusCode::OK);

        let ran = set(&stack, command, value).await;
        stack.clock.advance(10);

        assert!(ran.succeeded, "{ran:?}");
        assert_eq!(stack.me(&old).await.status, StatusCode::FORBIDDEN, "{command}");
        let refreshed = stack.refresh(&before.text("refresh_token")).await;
        let me = stack.me(&refreshed.text("access_token")).await;
        assert_eq!(me.status, StatusCode::OK, "{command}");
        let claims: Value = me.json();
        if command == "set-scope" {
            assert_eq!(claims["scope"], value);
        } else {
            // The authorizer passes custom claims on as JSON text.
            let expected = (&json!("\"pro\""), &json!("{\"id\":7}"));
            assert_eq!((&claims["plan"], &claims["tenant"]), expected);
        }
    }
}

#[tokio::test]
async fn what_no_token_can_have_changes_nothing() {
    let stack = Stack::start().await;
    let before = Gatehouse::of(&stack).everybody().await;
    let long = "a".repeat(5_000);

    for (command, value, told) in [
        ("set-scope", long.as_str(), "too long for an access token"),
        ("set-scope", "two  spaces", "invalid value"),
        ("set-claims", "[]", "must be a JSON object"),
        ("set-claims", "{", "must be a JSON object"),
        ("set-claims", r#"{"sub":"grace"}"#, "is a claim of the token itself"),
        ("set-claims", r#"{"a":1e126}"#, "no number is beyond"),
        (
            "set-claims",
            &format!("{{\"a\":\"{long}\"}}"),
            "too long for an access token",
        ),
    ] {
        let ran = set(&stack, command, value).await;

        assert!(!ran.succeeded && ran.told.contains(told), "{ran:?}");
    }
    assert_eq!(Gatehouse::of(&stack).everybody().await, before);
}

#[tokio::test]
async fn the_scope_and_the_claims_can_be_emptied() {
    let stack = Stack::start().await;
    assert!(set(&stack, "set-claims", r#"{"tenant":7}"#).await.succeeded);

    assert!(set(&stack, "set-scope", "").await.succeeded);
    assert!(set(&stack, "set-claims", "{}").await.succeeded);

    let [user] = &Gatehouse::of(&stack).everybody().await[..] else {
        panic!()
    };
    assert_eq!((user.scope.as_str(), user.custom_claims.len()), ("", 0));
}

async fn set(stack: &Stack, command: &str, value: &str) -> Ran {
    Gatehouse::of(stack).authctl(&["user", command, EMAIL, value]).await
}
