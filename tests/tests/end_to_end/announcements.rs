//! The limit on the entries that a user's requests can add to the feed, which every authorizer reads.

use auth::user::Status;
use axum::http::StatusCode;
use serde_json::json;
use tests::{Answer, Call, Stack};

/// The scopes of a logout, each with the number of times that a test sends the same token with this scope.
const LOOPS: [(&str, usize); 3] = [("all", 400), ("others", 100), ("session", 100)];
/// The maximum number of announcements per user and hour that get their own entries in the feed.
const BUDGET: usize = 60;

#[tokio::test]
async fn one_token_in_a_loop_is_announced_once_and_retried_in_as_few_entries() {
    for (scope, requests) in LOOPS {
        let stack = Stack::start().await;
        let (token, _other) = (stack.login().await, stack.login().await);

        for _ in 0..requests {
            assert_eq!(logout(&stack, &token, scope).await, StatusCode::NO_CONTENT);
        }
        let within_a_minute = entries(&stack).await;
        stack.clock.advance(61);
        for _ in 0..10 {
            logout(&stack, &token, scope).await;
        }

        assert!(within_a_minute <= 3, "{scope}: {within_a_minute}");
        assert_eq!(entries(&stack).await, within_a_minute, "{scope}: a minute later");
    }
}

#[tokio::test]
async fn logging_out_other_sessions_announces_nothing_if_there_are_none() {
    let stack = Stack::start().await;
    let token = stack.login().await;

    for _ in 0..10 {
        assert_eq!(logout(&stack, &token, "others").await, StatusCode::NO_CONTENT);
    }

    assert_eq!(entries(&stack).await, 0);
    assert_eq!(stack.refresh(&token.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_that_an_epoch_has_ended_announces_nothing() {
    let stack = Stack::start().await;
    let (asking, old) = (stack.login().await, stack.login().await);
    logout(&stack, &asking, "all").await;
    let before = entries(&stack).await;
    stack.clock.advance(61);

    for scope in ["session", "others", "all"] {
        logout(&stack, &old, scope).await;
    }
    let path = format!("/auth/sessions/{}", asking.text("sid"));
    let bearer = stack.login().await.text("access_token");
    stack
        .send(Call::new(axum::http::Method::DELETE, &path).bearer(&bearer))
        .await;

    assert_eq!(entries(&stack).await, before);
}

/// Requests with a token of an ended session must not use up the user's announcements. Otherwise, someone who finds
/// such a token could use up all of them, and the owner's next logout would end all access tokens of the owner.
#[tokio::test]
async fn a_request_that_ends_nothing_uses_up_no_announcements() {
    let stack = Stack::start().await;
    let [ended, leaving, staying] = [stack.login().await, stack.login().await, stack.login().await];
    logout(&stack, &ended, "session").await;
    stack.clock.advance(61);

    for _ in 0..BUDGET {
        assert_eq!(logout(&stack, &ended, "session").await, StatusCode::NO_CONTENT);
    }
    logout(&stack, &leaving, "session").await;
    stack.clock.advance(6);

    let status = |answer: Answer| answer.status;
    assert_eq!(
        status(stack.me(&leaving.text("access_token")).await),
        StatusCode::FORBIDDEN
    );
    assert_eq!(status(stack.me(&staying.text("access_token")).await), StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_user_announces_nothing() {
    let stack = Stack::start().await;
    let tokens = [stack.login().await, stack.login().await];
    stack.set_status(Status::Disabled).await;
    let before = entries(&stack).await;
    stack.clock.advance(61);

    for tokens in tokens {
        for scope in ["all", "others", "session", "session"] {
            assert_eq!(logout(&stack, &tokens, scope).await, StatusCode::NO_CONTENT);
        }
    }

    assert_eq!(entries(&stack).await, before);
}

#[tokio::test]
async fn endless_logins_and_logouts_use_a_budget_and_then_one_entry_a_minute() {
    let stack = Stack::start().await;

    for _ in 0..BUDGET + 30 {
        let login = stack.login().await;
        assert_eq!(login.status, StatusCode::OK, "{}", login.body);
        assert_eq!(logout(&stack, &login, "session").await, StatusCode::NO_CONTENT);
        stack.clock.advance(2);
    }

    let found = entries(&stack).await;
    assert!((BUDGET..=BUDGET + 3).contains(&found), "{found}");
}

#[tokio::test]
async fn beyond_the_budget_sessions_still_end_and_live_ones_continue() {
    let stack = Stack::start().await;
    let other = stack.login().await;
    for _ in 0..BUDGET {
        logout(&stack, &stack.login().await, "session").await;
    }
    let last = stack.login().await;
    stack.clock.advance(10);
    assert_eq!(me(&stack, &last).await, StatusCode::OK);

    logout(&stack, &last, "session").await;
    // The logout also ends the tokens that requests under way may issue in the next five seconds.
    stack.clock.advance(6);

    assert_eq!(me(&stack, &last).await, StatusCode::FORBIDDEN);
    assert_eq!(
        stack.refresh(&last.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refreshed = stack.refresh(&other.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    assert_eq!(me(&stack, &refreshed).await, StatusCode::OK);
}

#[tokio::test]
async fn a_stranger_announces_nothing() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("refresh_token");
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());

    for token in ["", "garbage", "a.b.c", &forged] {
        for scope in ["session", "others", "all"] {
            let body = json!({"refresh_token": token, "scope": scope});
            stack.send(Call::post("/auth/logout", &body)).await;
            stack.refresh(token).await;
        }
    }

    assert_eq!(entries(&stack).await, 0);
}

/// Returns the number of entries in the feed.
async fn entries(stack: &Stack) -> usize {
    let scan = stack
        .client()
        .scan()
        .table_name(format!("AuthorizerFeed{}", stack.suffix()))
        .consistent_read(true);
    scan.send().await.unwrap().items().len()
}

async fn me(stack: &Stack, tokens: &Answer) -> StatusCode {
    stack.me(&tokens.text("access_token")).await.status
}

async fn logout(stack: &Stack, tokens: &Answer, scope: &str) -> StatusCode {
    let body = json!({"refresh_token": tokens.text("refresh_token"), "scope": scope});
    stack.send(Call::post("/auth/logout", &body)).await.status
}
