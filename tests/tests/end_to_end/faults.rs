//! DynamoDB refuses, throttles, hangs or closes the connection: the answer is 503 within three seconds, nothing is half
//! done, and a retry succeeds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use futures::{StreamExt as _, stream};
use rstest::rstest;
use serde_json::json;
use tests::{Answer, Call, Crossing, Fault, PASSWORD, Stack};

/// The maximum time of an answer. A caller is promised three seconds, and the rest is for a slow test machine.
const SLOWEST: Duration = Duration::from_secs(6);

/// All calls, in the order of each request: the request, the function, the operation, and the number of earlier calls
/// with that operation.
const CALLS: [(Request, &str, &str, usize); 43] = [
    (Request::Login, "login", "GetItem", 0),
    (Request::Login, "login", "GetItem", 1),
    (Request::Login, "login", "GetItem", 2),
    (Request::Login, "login", "UpdateItem", 0),
    (Request::Login, "login", "UpdateItem", 1),
    (Request::Login, "login", "UpdateItem", 2),
    (Request::Login, "login", "UpdateItem", 3),
    (Request::Login, "login", "UpdateItem", 4),
    (Request::Login, "login", "Query", 0),
    (Request::Login, "login", "PutItem", 0),
    (Request::Refresh, "refresh", "GetItem", 0),
    (Request::Refresh, "refresh", "UpdateItem", 0),
    (Request::Logout("session"), "logout", "GetItem", 0),
    (Request::Logout("session"), "logout", "UpdateItem", 0),
    (Request::Logout("session"), "logout", "UpdateItem", 1),
    (Request::Logout("others"), "logout", "GetItem", 0),
    (Request::Logout("others"), "logout", "GetItem", 1),
    (Request::Logout("others"), "logout", "Query", 0),
    (Request::Logout("others"), "logout", "UpdateItem", 0),
    (Request::Logout("others"), "logout", "UpdateItem", 1),
    (Request::Logout("all"), "logout", "GetItem", 0),
    (Request::Logout("all"), "logout", "GetItem", 1),
    (Request::Logout("all"), "logout", "UpdateItem", 0),
    (Request::Logout("all"), "logout", "UpdateItem", 1),
    (Request::List, "sessions", "GetItem", 0),
    (Request::List, "sessions", "Query", 0),
    (Request::End, "sessions", "GetItem", 0),
    (Request::End, "sessions", "UpdateItem", 0),
    (Request::End, "sessions", "UpdateItem", 1),
    (Request::End, "sessions", "PutItem", 0),
    (Request::Logout("session"), "logout", "PutItem", 0),
    (Request::Logout("others"), "logout", "PutItem", 0),
    (Request::Logout("all"), "logout", "PutItem", 0),
    (Request::Replay, "refresh", "UpdateItem", 1),
    (Request::Password, "password", "GetItem", 0),
    (Request::Password, "password", "GetItem", 1),
    (Request::Password, "password", "GetItem", 2),
    (Request::Password, "password", "UpdateItem", 0),
    (Request::Password, "password", "UpdateItem", 1),
    (Request::Password, "password", "PutItem", 0),
    (Request::Password, "password", "UpdateItem", 2),
    (Request::Password, "password", "UpdateItem", 3),
    (Request::Keys, "jwks", "GetItem", 0),
];

/// A request of a client.
#[derive(Clone, Copy, Debug)]
enum Request {
    Login,
    Refresh,
    Logout(&'static str),
    List,
    End,
    /// A late refresh with the parent of the current token, as after a lost answer.
    Replay,
    Keys,
    Password,
}

/// The number of stacks that run at once.
const AT_ONCE: usize = 4;

#[rstest]
#[case::throttled(Fault::Refused(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException"))]
#[case::limited(Fault::Refused(StatusCode::BAD_REQUEST, "ThrottlingException"))]
#[case::internal(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))]
#[case::no_table(Fault::Refused(StatusCode::BAD_REQUEST, "ResourceNotFoundException"))]
#[case::no_permission(Fault::Refused(StatusCode::BAD_REQUEST, "AccessDeniedException"))]
#[case::silent(Fault::Silent)]
#[case::silent_after_effect(Fault::SilentAfterEffect)]
#[case::broken(Fault::Broken)]
#[case::broken_after_effect(Fault::BrokenAfterEffect)]
#[tokio::test]
async fn an_outage_at_any_call_is_503_and_a_retry_succeeds(#[case] fault: Fault) {
    let outages = CALLS.map(|call| {
        Box::pin(async move {
            let stack = Stack::start().await;
            let login = stack.login().await;
            prepare(&stack, call.0, &login).await;
            stack.wire.fail(at(call, usize::MAX, fault));

            let began = Instant::now();
            let failed = act(&stack, call.0, &login).await;
            let took = began.elapsed();
            stack.wire.heal();
            let retried = act(&stack, call.0, &login).await;

            // A lost answer is not an outage if the SDK's own retry finds the write done.
            if fault != Fault::SilentAfterEffect && fault != Fault::BrokenAfterEffect || failed.status.is_server_error()
            {
                assert_eq!(
                    (failed.status, failed.error().as_str()),
                    (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
                );
                assert_eq!(failed.header("retry-after"), Some("1"));
            }
            assert!(took < SLOWEST, "{call:?} took {took:?}");
            assert!(retried.status.is_success(), "{call:?}: {}", retried.body);
        })
    });
    stream::iter(outages).for_each_concurrent(AT_ONCE, |one| one).await;
}

#[rstest]
#[case::throttled(Fault::Refused(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException"))]
#[case::internal(Fault::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"))]
#[case::broken(Fault::Broken)]
#[case::broken_after_effect(Fault::BrokenAfterEffect)]
#[case::silent(Fault::Silent)]
#[case::slow(Fault::Slow(Duration::from_millis(200)))]
#[tokio::test]
async fn a_single_fault_is_not_noticed(#[case] fault: Fault) {
    let hiccups = CALLS.map(|call| {
        Box::pin(async move {
            let stack = Stack::start().await;
            let login = stack.login().await;
            prepare(&stack, call.0, &login).await;
            stack.wire.fail(at(call, 1, fault));

            let answer = act(&stack, call.0, &login).await;

            assert!(answer.status.is_success(), "{call:?}: {}", answer.body);
        })
    });
    stream::iter(hiccups).for_each_concurrent(AT_ONCE, |one| one).await;
}

#[tokio::test]
async fn a_condition_that_fails_without_showing_why_is_looked_at_twice() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("refresh_token");
    let fault = Fault::Refused(StatusCode::BAD_REQUEST, "ConditionalCheckFailedException");
    stack
        .wire
        .fail(at((Request::Refresh, "refresh", "UpdateItem", 0), 1, fault));

    let answer = stack.refresh(&token).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// After a lost answer, the SDK repeats the write and finds its own work. The log must show what really happened.
#[rstest]
#[case::rotation(Request::Refresh, ("refresh", "RefreshTokensTable", 0), "refresh.rotated")]
#[case::recovery(Request::Replay, ("refresh", "RefreshTokensTable", 1), "refresh.recovered")]
#[case::upgrade(Request::Login, ("login", "CredentialsTable", 0), "login.succeeded")]
#[case::logout(Request::Logout("session"), ("logout", "RefreshTokensTable", 0), "logout")]
#[case::logout_of_all(Request::Logout("all"), ("logout", "UsersTable", 0), "logout")]
#[case::logout_of_others(Request::Logout("others"), ("logout", "UsersTable", 0), "logout")]
#[case::end(Request::End, ("sessions", "RefreshTokensTable", 0), "session.revoked")]
#[case::password(Request::Password, ("password", "CredentialsTable", 0), "password.changed")]
#[tokio::test]
async fn a_write_whose_answer_was_lost_is_logged_as_what_it_did(
    #[case] request: Request,
    #[case] (function, table, nth): (&'static str, &'static str, usize),
    #[case] event: &str,
    #[values(Fault::BrokenAfterEffect, Fault::SilentAfterEffect)] fault: Fault,
) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    prepare(&stack, request, &login).await;
    let upgrade = if matches!(request, Request::Login) {
        stack.weaken_hash().await;
        json!("done")
    } else {
        json!(null)
    };
    let mut writes = at((request, function, "UpdateItem", nth), 1, fault);
    let lost = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&lost);
    stack.wire.fail(move |crossing| {
        let fault = crossing.table.starts_with(table).then(|| writes(crossing)).flatten();
        seen.fetch_or(fault.is_some(), Ordering::Relaxed);
        fault
    });

    let answer = act(&stack, request, &login).await;

    assert!(answer.status.is_success(), "{}", answer.body);
    assert!(lost.load(Ordering::Relaxed), "no answer was lost");
    let logged = stack.log.events().pop().unwrap();
    assert_eq!((&logged["message"], &logged["hash_upgrade"]), (&json!(event), &upgrade));
}

/// Of two concurrent requests, one rotates and the other gets the same tokens. Neither takes the other's work for its
/// own.
#[tokio::test]
async fn two_requests_of_one_second_are_distinguished() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("refresh_token");

    let (one, other) = futures::join!(stack.refresh(&token), stack.refresh(&token));

    assert_eq!(one.text("refresh_token"), other.text("refresh_token"));
    let mut names = stack.log.names().split_off(1);
    names.sort_unstable();
    assert_eq!(names, ["refresh.repeated", "refresh.rotated"]);
}

/// After hours of being frozen, a process has connections that are closed, or that nobody answers any more.
#[rstest]
#[case::closed(Fault::Broken)]
#[case::deaf(Fault::Silent)]
#[tokio::test]
async fn a_process_that_was_frozen_serves_its_first_request(#[case] fault: Fault) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    for _ in 0..3 {
        stack.login().await;
    }

    for request in [Request::Login, Request::Refresh, Request::Password] {
        stack.clock.advance(200);
        stack.wire.kill_connections(fault);

        let answer = act(&stack, request, &login).await;

        assert!(answer.status.is_success(), "{request:?}: {}", answer.body);
    }
}

/// Prepares a request: a replay needs a token that was used already, and a logout of the others needs another session.
async fn prepare(stack: &Stack, request: Request, login: &Answer) {
    if matches!(request, Request::Replay) {
        assert!(stack.refresh(&login.text("refresh_token")).await.status.is_success());
    }
    if matches!(request, Request::Logout("others")) {
        stack.login().await;
    }
}

async fn act(stack: &Stack, request: Request, login: &Answer) -> Answer {
    let (token, bearer) = (login.text("refresh_token"), login.text("access_token"));
    match request {
        Request::Login => stack.login().await,
        Request::Refresh => stack.refresh(&token).await,
        Request::Logout(scope) => {
            let body = json!({"refresh_token": token, "scope": scope});
            stack.send(Call::post("/auth/logout", &body)).await
        }
        Request::Replay => {
            stack.clock.advance(60);
            stack.refresh(&token).await
        }
        Request::Keys => {
            // A table that could not be read is not read again for 5 seconds.
            stack.clock.advance(5);
            stack.send(Call::get("/.well-known/jwks.json")).await
        }
        Request::Password => {
            let body = json!({"current_password": PASSWORD, "new_password": "another horse battery staple"});
            stack.send(Call::post("/auth/password", &body).bearer(&bearer)).await
        }
        Request::List => stack.send(Call::get("/auth/sessions").bearer(&bearer)).await,
        Request::End => {
            let path = format!("/auth/sessions/{}", login.text("sid"));
            stack.send(Call::new(Method::DELETE, &path).bearer(&bearer)).await
        }
    }
}

/// Fails the `nth` call of this kind by a function, and the next `times - 1` calls of the kind.
fn at(
    (_, function, operation, nth): (Request, &'static str, &'static str, usize),
    times: usize,
    fault: Fault,
) -> impl FnMut(&Crossing) -> Option<Fault> + Send {
    let mut due = std::iter::repeat_n(false, nth).chain(std::iter::repeat_n(true, times));
    move |crossing| {
        let wanted = crossing.function == function && crossing.operation == operation;
        (wanted && due.next() == Some(true)).then_some(fault)
    }
}
