//! The limits on guesses at the current password, and on changes of the password.

use auth::attempts::{FREE_FAILURES, PASSWORD_CHANGES};
use axum::http::StatusCode;
use engine::{Crossing, Fault};
use futures::future::join_all;
use tests::{PASSWORD, Stack};

use super::{NEW, change, login};
use crate::throttling::assert_five_are_looked_at;

#[tokio::test]
async fn guesses_wait_as_at_a_login_and_do_not_block_logins() {
    let stack = Stack::start().await;
    let stolen = stack.login().await;
    let guesses = join_all((0..50).map(|_| change(&stack, &stolen, "guess", NEW))).await;

    assert_five_are_looked_at(&guesses, "a session");
    let next = change(&stack, &stolen, PASSWORD, NEW).await;
    assert_eq!(
        (next.error().as_str(), next.header("retry-after")),
        ("throttled", Some("1"))
    );
    assert_eq!(stack.login().await.status, StatusCode::OK);

    stack.clock.advance(1);
    assert_eq!(change(&stack, &stolen, PASSWORD, NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_thief_does_not_block_the_owner_from_changing_the_password() {
    let stack = Stack::start().await;
    let [stolen, own] = [stack.login().await, stack.login().await];
    stack.clock.advance(700);
    for _ in 0..5 {
        change(&stack, &stolen, "guess", NEW).await;
    }

    let in_theirs = change(&stack, &stolen, PASSWORD, NEW).await;
    let in_own = change(&stack, &own, PASSWORD, NEW).await;

    assert_eq!(in_theirs.error(), "throttled");
    assert!(in_own.status.is_success(), "{}", in_own.body);
}

#[tokio::test]
async fn a_fresh_login_can_change_the_password_whatever_others_have_used_up() {
    let stack = Stack::start().await;
    let old = stack.login().await;
    let mut stolen = Vec::new();
    for _ in 0..4 {
        stolen.push(stack.login().await);
    }
    stack.clock.advance(700);
    for session in &stolen {
        join_all((0..5).map(|_| change(&stack, session, "guess", NEW))).await;
    }

    let in_old = change(&stack, &old, PASSWORD, NEW).await;
    let fresh = stack.login().await;
    let in_fresh = change(&stack, &fresh, PASSWORD, NEW).await;

    assert_eq!(
        (in_old.error().as_str(), in_old.header("retry-after")),
        ("throttled", Some("900"))
    );
    assert!(in_fresh.status.is_success(), "{}", in_fresh.body);
    assert_eq!(change(&stack, &stolen[0], NEW, PASSWORD).await.error(), "invalid_token");
}

#[tokio::test]
async fn a_password_is_changed_so_often_in_an_hour() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    let mut passwords = [PASSWORD, NEW];
    for _ in 0..PASSWORD_CHANGES {
        let [current, new] = passwords;
        let changed = change(&stack, &own, current, new).await;
        assert!(changed.status.is_success(), "{}", changed.body);
        passwords.reverse();
    }

    let [current, new] = passwords;
    let refused = change(&stack, &own, current, new).await;
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    // A change beyond the limit does not count as a wrong guess, so the wait is still the rest of the hour.
    for _ in 0..=FREE_FAILURES {
        let refused = change(&stack, &own, current, new).await;
        let still: i64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert_eq!(refused.error(), "throttled");
        assert!(wait - 60 <= still, "{wait} s, then {still} s");
    }

    assert_eq!(login(&stack, current, None).await.status, StatusCode::OK);
    stack.clock.advance(wait);
    let again = login(&stack, current, None).await;
    assert!(change(&stack, &again, current, new).await.status.is_success());
}

#[tokio::test]
async fn changes_that_the_store_refuses_are_no_failures() {
    let stack = Stack::start().await;
    let own = stack.login().await;
    stack.wire.fail(|crossing: &Crossing| {
        let writes = crossing.operation == "UpdateItem" && crossing.table.starts_with("CredentialsTable");
        writes.then_some(Fault::Refused(StatusCode::BAD_REQUEST, "AccessDeniedException"))
    });
    for _ in 0..=FREE_FAILURES {
        let failed = change(&stack, &own, PASSWORD, NEW).await;
        assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE, "{}", failed.body);
    }
    stack.wire.heal();

    let changed = change(&stack, &own, PASSWORD, NEW).await;

    assert!(changed.status.is_success(), "{}", changed.body);
}
