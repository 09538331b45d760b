//! Tests of the maximum number of a user's sessions, against a real engine.

use axum::http::StatusCode;
use futures::future::join_all;
use rstest::rstest;
use tests::{Answer, Call, Crossing, Fault, Stack};

#[tokio::test]
async fn a_login_beyond_the_cap_ends_the_least_recently_used_session() {
    let stack = Stack::with(&[("MaxSessions", "2")]).await;
    let first = stack.login().await;
    stack.clock.advance(1);
    let second = stack.login().await;
    stack.clock.advance(60);
    let first = refreshed(&stack, &first).await;

    let third = stack.login().await;
    stack.clock.advance(5);

    assert!(is_over(&stack, &second).await);
    let denied = stack.me(&second.text("access_token")).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    for kept in [&first, &third] {
        assert_eq!(stack.me(&kept.text("access_token")).await.status, StatusCode::OK);
        assert!(!is_over(&stack, kept).await);
    }
    let events = stack.log.events();
    let logins = events.iter().filter(|event| event["message"] == "login.succeeded");
    let evicted: Vec<_> = logins.filter_map(|event| event.get("evicted")).collect();
    assert_eq!(evicted, [&second.text("sid")]);
}

/// The calls are compared in the order in which they begin. The query comes first, because it runs while the password
/// is hashed.
#[tokio::test]
async fn a_login_reads_the_sessions_once_and_writes_only_beyond_the_cap() {
    let stack = Stack::with(&[("MaxSessions", "1")]).await;

    stack.login().await;
    let with_room = of_login(&stack);
    stack.login().await;
    let without = of_login(&stack);

    let sessions = |crossings: &[Crossing]| -> Vec<String> {
        let others = ["RefreshTokens", "AuthorizerFeed"];
        let own = crossings
            .iter()
            .filter(|crossing| others.iter().any(|table| crossing.table.starts_with(table)));
        own.map(|crossing| crossing.operation.clone()).collect()
    };
    assert_eq!(sessions(&with_room), ["Query", "PutItem"]);
    // The login queries the sessions and opens a new one. It then announces the end of the old one, and revokes it.
    assert_eq!(sessions(&without), ["Query", "PutItem", "PutItem", "UpdateItem"]);
}

#[rstest]
#[case::refused(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))]
#[case::broken(Fault::Broken)]
#[tokio::test]
async fn a_login_whose_session_is_not_written_ends_no_session(#[case] fault: Fault) {
    let stack = Stack::with(&[("MaxSessions", "1")]).await;
    let only = stack.login().await;
    stack.wire.fail(move |crossing| {
        let opens = crossing.operation == "PutItem" && crossing.table.starts_with("RefreshTokens");
        opens.then_some(fault)
    });

    let failed = stack.login().await;
    stack.wire.heal();
    stack.clock.advance(5);

    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stack.me(&only.text("access_token")).await.status, StatusCode::OK);
    assert!(!is_over(&stack, &only).await);
}

/// In each case, the session was written but the answer was lost.
#[rstest]
#[case::silent(Fault::SilentAfterEffect)]
#[case::broken(Fault::BrokenAfterEffect)]
#[tokio::test]
async fn a_session_without_delivered_tokens_does_not_count(#[case] fault: Fault) {
    let stack = Stack::with(&[("MaxSessions", "2")]).await;
    let first = stack.login().await;
    stack.clock.advance(1);
    stack.wire.fail(move |crossing| {
        let opens = crossing.operation == "PutItem" && crossing.table.starts_with("RefreshTokens");
        opens.then_some(fault)
    });

    let failed = stack.login().await;
    stack.wire.heal();
    stack.clock.advance(1);
    let second = stack.login().await;

    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    for kept in [&first, &second] {
        assert!(!is_over(&stack, kept).await);
    }
}

#[rstest]
#[case::announcing("PutItem", "AuthorizerFeed")]
#[case::revoking("UpdateItem", "RefreshTokens")]
#[tokio::test]
async fn an_end_that_fails_hinders_no_login_and_the_next_one_makes_up_for_it(
    #[case] operation: &'static str,
    #[case] table: &'static str,
) {
    let stack = Stack::with(&[("MaxSessions", "1")]).await;
    let first = stack.login().await;
    stack.clock.advance(1);
    stack.wire.fail(move |crossing| {
        let ends = crossing.operation == operation && crossing.table.starts_with(table);
        ends.then_some(Fault::Refused(StatusCode::BAD_REQUEST, "AccessDeniedException"))
    });

    let second = stack.login().await;
    stack.wire.heal();
    let logged = stack.log.events().pop().unwrap();
    stack.clock.advance(1);
    let third = stack.login().await;

    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_eq!(
        (&logged["message"], &logged["level"]),
        (&"login.succeeded".into(), &"ERROR".into())
    );
    assert!(
        logged["eviction_failed"].as_str().unwrap().contains("AccessDenied"),
        "{logged}"
    );
    for ended in [&first, &second] {
        assert!(is_over(&stack, ended).await);
    }
    assert!(!is_over(&stack, &third).await);
}

#[tokio::test]
async fn logins_that_run_at_once_are_too_many_until_the_next_one() {
    let stack = Stack::with(&[("MaxSessions", "2")]).await;

    let at_once = join_all((0..5).map(|_| stack.login())).await;
    let next = stack.login().await;

    let statuses: Vec<StatusCode> = at_once.iter().map(|login| login.status).collect();
    assert_eq!(statuses, [StatusCode::OK; 5]);
    let list = stack.send(Call::get("/auth/sessions").bearer(&next.text("access_token")));
    let list = list.await.json();
    let sids: Vec<_> = list["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| &session["sid"])
        .collect();
    assert_eq!(sids.len(), 2, "{list}");
    assert!(sids.contains(&&next.text("sid").into()), "{list}");
}

/// Returns the calls of the function `login` since the recorded calls were last taken.
fn of_login(stack: &Stack) -> Vec<Crossing> {
    let crossings = stack.wire.take().into_iter();
    crossings.filter(|crossing| crossing.function == "login").collect()
}

async fn refreshed(stack: &Stack, login: &Answer) -> Answer {
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    refreshed
}

async fn is_over(stack: &Stack, login: &Answer) -> bool {
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    refreshed.status == StatusCode::UNAUTHORIZED
}
