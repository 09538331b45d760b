//! The feed that the authorizer follows: how often it is read, and what happens if it cannot be written or read.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;
use tests::{Call, Crossing, Fault, Stack};

use super::{logout, me};

#[rstest]
#[case::session("session")]
#[case::others("others")]
#[case::all("all")]
#[tokio::test]
async fn what_cannot_be_announced_is_not_done_and_a_retry_completes_it(#[case] scope: &str) {
    let stack = Stack::start().await;
    let (asking, other) = (stack.login().await, stack.login().await);
    stack.wire.fail(|crossing: &Crossing| {
        let fault = Fault::Refused(StatusCode::BAD_REQUEST, "AccessDeniedException");
        crossing.table.starts_with("AuthorizerFeed").then_some(fault)
    });
    assert_eq!(
        logout(&stack, &asking, scope).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );

    stack.wire.heal();
    assert_eq!(logout(&stack, &asking, scope).await.status, StatusCode::NO_CONTENT);
    stack.clock.advance(5);

    let ended = if scope == "session" { &asking } else { &other };
    assert_eq!(me(&stack, ended).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_theft_that_cannot_be_announced_is_completed_by_a_retry() {
    let stack = Stack::with(&[("RefreshRecovery", "off")]).await;
    let stolen = stack.login().await.text("refresh_token");
    let owner = stack.refresh(&stolen).await;
    stack.clock.advance(11);
    stack.wire.fail(|crossing: &Crossing| {
        let fault = Fault::Refused(StatusCode::BAD_REQUEST, "AccessDeniedException");
        crossing.table.starts_with("AuthorizerFeed").then_some(fault)
    });
    assert_eq!(stack.refresh(&stolen).await.status, StatusCode::SERVICE_UNAVAILABLE);

    stack.wire.heal();
    assert_eq!(stack.refresh(&stolen).await.status, StatusCode::UNAUTHORIZED);
    stack.clock.advance(5);

    assert_eq!(me(&stack, &owner).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_is_500_after_a_minute_and_never_a_bad_token() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    assert_eq!(me(&stack, &login).await, StatusCode::OK);
    stack.wire.fail(reads_of_the_feed);

    stack.clock.advance(59);
    assert_eq!(me(&stack, &login).await, StatusCode::OK);
    stack.clock.advance(5);
    assert_eq!(me(&stack, &login).await, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(stack.log.names().contains(&"authorizer.feed_unread".to_owned()));
    assert!(stack.log.names().contains(&"authorizer.undecided".to_owned()));
    assert!(!stack.log.names().contains(&"authorizer.denied".to_owned()));

    stack.wire.heal();
    stack.clock.advance(5);
    assert_eq!(me(&stack, &login).await, StatusCode::OK);
}

#[tokio::test]
async fn where_failing_is_open_tokens_are_believed() {
    let stack = Stack::with(&[("RevocationFail", "open")]).await;
    let login = stack.login().await;
    assert_eq!(me(&stack, &login).await, StatusCode::OK);
    stack.wire.fail(reads_of_the_feed);

    stack.clock.advance(600);

    assert_eq!(me(&stack, &login).await, StatusCode::OK);
}

#[tokio::test]
async fn a_process_that_starts_without_the_feed_decides_nothing() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    stack.wire.fail(reads_of_the_feed);

    assert_eq!(me(&stack, &login).await, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_first_question_over_a_dead_connection_is_asked_again() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let mut first = true;
    stack.wire.fail(move |crossing| {
        let dead = crossing.function == "authorizer" && std::mem::take(&mut first);
        dead.then_some(Fault::Broken)
    });

    assert_eq!(me(&stack, &login).await, StatusCode::OK);
}

#[tokio::test]
async fn many_requests_within_a_poll_are_one_question_to_each_table() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let _logins = stack.wire.take();

    let token = login.text("access_token");
    futures::future::join_all((0..50).map(|_| stack.me(&token))).await;

    let mut asked: Vec<String> = stack.wire.take().into_iter().map(|crossing| crossing.table).collect();
    asked.sort_unstable();
    let table = |id: &str| format!("{id}{}", stack.suffix());
    assert_eq!(asked, [table("AuthorizerFeed"), table("PublicKeysTable")]);
}

#[tokio::test]
async fn without_revocations_a_token_lives_until_it_expires() {
    let stack = Stack::with(&[("RevocationPollSeconds", "0")]).await;
    let login = stack.login().await;

    stack.logout(&login.text("refresh_token")).await;
    stack.clock.advance(600);

    assert_eq!(me(&stack, &login).await, StatusCode::OK);
}

#[tokio::test]
async fn with_pinned_keys_no_table_is_read() {
    let pinned = tests::jwks().to_json();
    let stack = Stack::with(&[("RevocationPollSeconds", "0"), ("PinnedJwks", &pinned)]).await;
    let login = stack.login().await;
    let _login = stack.wire.take();

    assert_eq!(me(&stack, &login).await, StatusCode::OK);
    let served = stack.send(Call::get("/.well-known/jwks.json")).await.json();
    assert_eq!(served, serde_json::from_str::<Value>(&pinned).unwrap());
    assert!(stack.wire.take().is_empty());
}

fn reads_of_the_feed(crossing: &Crossing) -> Option<Fault> {
    let fault = Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError");
    (crossing.operation == "Query" && crossing.table.starts_with("AuthorizerFeed")).then_some(fault)
}
