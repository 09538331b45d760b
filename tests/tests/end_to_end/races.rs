//! Many concurrent requests against a real engine: no honest user is logged out, and nothing revoked comes back.

use std::collections::BTreeSet;

use auth::user::Status;
use axum::http::StatusCode;
use futures::future::{join, join_all};
use tests::{Answer, Stack};

/// The number of runs of each race.
const ROUNDS: usize = 20;
/// The number of tabs that refresh at once. With more, a test machine with two cores takes longer than a call may take.
const TABS: usize = 32;

#[tokio::test]
async fn many_refreshes_of_one_token_are_one_rotation() {
    let stack = Stack::start().await;
    let mut token = stack.login().await.text("refresh_token");

    for _ in 0..ROUNDS {
        let logged = stack.log.names().len();
        let answers = join_all((0..TABS).map(|_| stack.refresh(&token))).await;

        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
        let successors: BTreeSet<String> = answers.iter().map(|answer| answer.text("refresh_token")).collect();
        assert_eq!(successors.len(), 1);
        // On a slow machine the AWS SDK sends a call twice. It then cannot tell its own rotation from that of another
        // request in the same second, so more than one may log it. The token of a second rotation would be another one.
        let names = stack.log.names().split_off(logged);
        assert!(names.iter().any(|name| name == "refresh.rotated"), "{names:?}");
        token = successors.into_iter().next().unwrap();
        stack.clock.advance(11);
    }
}

#[tokio::test]
async fn after_a_logout_that_raced_with_refreshes_nothing_works() {
    let stack = Stack::start().await;
    for _ in 0..ROUNDS {
        let token = stack.login().await.text("refresh_token");

        let (refreshed, logout) = join(join_all((0..8).map(|_| stack.refresh(&token))), stack.logout(&token)).await;

        assert_eq!(logout.status, StatusCode::NO_CONTENT);
        assert_dead(&stack, &token, &refreshed).await;
    }
}

#[tokio::test]
async fn after_a_theft_that_raced_with_the_owner_nothing_works() {
    let stack = Stack::start().await;
    for _ in 0..ROUNDS {
        let stolen = stack.login().await.text("refresh_token");
        let mut current = stolen.clone();
        for _ in 0..3 {
            stack.clock.advance(60);
            current = stack.refresh(&current).await.text("refresh_token");
        }
        stack.clock.advance(60);

        let (owner, thief) = join(stack.refresh(&current), stack.refresh(&stolen)).await;

        assert_eq!(thief.status, StatusCode::UNAUTHORIZED);
        assert_dead(&stack, &current, &[owner, thief]).await;
    }
}

#[tokio::test]
async fn a_user_who_is_disabled_during_refreshes_gets_no_more_tokens() {
    let stack = Stack::start().await;
    for _ in 0..ROUNDS {
        let token = stack.login().await.text("refresh_token");

        let refreshes = join_all((0..8).map(|_| stack.refresh(&token)));
        let _raced = join(refreshes, stack.set_status(Status::Disabled)).await;

        assert_eq!(stack.refresh(&token).await.status, StatusCode::UNAUTHORIZED);
        stack.set_status(Status::Enabled).await;
    }
}

/// Asserts that no refresh token of the session works any more: neither `token` nor any that was handed out.
async fn assert_dead(stack: &Stack, token: &str, handed_out: &[Answer]) {
    let successful = handed_out.iter().filter(|answer| answer.status == StatusCode::OK);
    let tokens: BTreeSet<String> = successful.map(|answer| answer.text("refresh_token")).collect();
    for token in tokens.iter().map(String::as_str).chain([token]) {
        assert_eq!(stack.refresh(token).await.status, StatusCode::UNAUTHORIZED);
    }
}
