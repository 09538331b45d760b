//! Faults of DynamoDB: it refuses or throttles a call, does not answer, or closes the connection. If only one call
//! fails, the caller notices nothing. In an outage, the answer is 503 within three seconds, nothing is half done, and a
//! retry succeeds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use futures::{StreamExt as _, stream};
use rstest::rstest;
use serde_json::json;
use tests::{Crossing, Fault, Stack};
use tokio::sync::OnceCell;

use crate::requests::{REQUESTS, Request};

/// The maximum time of an answer. A caller is promised three seconds, and the rest is for a slow test machine.
const SLOWEST: Duration = Duration::from_secs(6);

/// A function's call to the store, which a test can make fail.
#[derive(Clone, Debug)]
struct StoreCall {
    request: Request,
    function: String,
    operation: String,
    /// The number of the request's earlier calls with the same operation.
    nth: usize,
}

/// Returns all calls to the store that the functions make for the requests in [`REQUESTS`] if nothing fails.
async fn calls() -> &'static [StoreCall] {
    static CALLS: OnceCell<Vec<StoreCall>> = OnceCell::const_new();
    let find = async || {
        let mut calls: Vec<StoreCall> = Vec::new();
        for &request in REQUESTS {
            let earlier = calls.len();
            for Crossing {
                function, operation, ..
            } in request.calls().await
            {
                let same = calls.iter().skip(earlier).filter(|call| call.operation == operation);
                let nth = same.count();
                calls.push(StoreCall {
                    request,
                    function,
                    operation,
                    nth,
                });
            }
        }
        calls
    };
    CALLS.get_or_init(find).await
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
    let outages = calls().await.iter().map(|call| {
        Box::pin(async move {
            let stack = Stack::start().await;
            let login = stack.login().await;
            call.request.prepare(&stack, &login).await;
            stack.wire.fail(at(call, usize::MAX, fault));

            let began = Instant::now();
            let failed = call.request.send(&stack, &login).await;
            let took = began.elapsed();
            stack.wire.heal();
            let retried = call.request.send(&stack, &login).await;

            // A lost answer is not an outage if the SDK's own retry finds the write done.
            let is_lost = fault == Fault::SilentAfterEffect || fault == Fault::BrokenAfterEffect;
            let is_unnoticed =
                call.request.is_forgetting && call.operation == "UpdateItem" && failed.status.is_success();
            if !(is_lost || is_unnoticed) || failed.status.is_server_error() {
                let status = failed.status;
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{call:?}: {}", failed.body);
                assert_eq!(failed.error(), "temporarily_unavailable", "{call:?}");
                assert_eq!(failed.header("retry-after"), Some("1"));
            }
            assert!(took < SLOWEST, "{call:?} took {took:?}");
            // What works once is used up by a write whose answer was lost.
            let is_used_up = (is_lost || is_unnoticed) && call.request.is_once && retried.status.is_client_error();
            assert!(retried.status.is_success() || is_used_up, "{call:?}: {}", retried.body);
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
    let hiccups = calls().await.iter().map(|call| {
        Box::pin(async move {
            let stack = Stack::start().await;
            let login = stack.login().await;
            call.request.prepare(&stack, &login).await;
            stack.wire.fail(at(call, 1, fault));

            let answer = call.request.send(&stack, &login).await;

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
    stack.wire.fail(at(&update("refresh", "refresh", 0), 1, fault));

    let answer = stack.refresh(&token).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// After a lost answer, the SDK repeats the write and finds that the first try took effect. The log must show what the
/// request really did.
#[rstest]
#[case::rotation("refresh", ("refresh", "RefreshTokensTable", 0), "refresh.rotated")]
#[case::recovery("replay", ("refresh", "RefreshTokensTable", 1), "refresh.recovered")]
#[case::upgrade("login", ("login", "CredentialsTable", 0), "login.succeeded")]
#[case::logout("logout", ("logout", "RefreshTokensTable", 0), "logout")]
#[case::logout_of_all("logout of all", ("logout", "UsersTable", 0), "logout")]
#[case::logout_of_others("logout of others", ("logout", "UsersTable", 0), "logout")]
#[case::end("end", ("sessions", "RefreshTokensTable", 0), "session.revoked")]
#[case::password("password", ("password", "CredentialsTable", 0), "password.changed")]
#[tokio::test]
async fn a_write_whose_answer_was_lost_is_logged_as_what_it_did(
    #[case] request: &str,
    #[case] (function, table, nth): (&str, &'static str, usize),
    #[case] event: &str,
    #[values(Fault::BrokenAfterEffect, Fault::SilentAfterEffect)] fault: Fault,
) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let mut writes = at(&update(request, function, nth), 1, fault);
    let request = Request::named(request);
    request.prepare(&stack, &login).await;
    let upgrade = if request.name == "login" {
        stack.weaken_hash().await;
        json!("done")
    } else {
        json!(null)
    };
    let lost = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&lost);
    stack.wire.fail(move |crossing| {
        let fault = crossing.table.starts_with(table).then(|| writes(crossing)).flatten();
        seen.fetch_or(fault.is_some(), Ordering::Relaxed);
        fault
    });

    let answer = request.send(&stack, &login).await;

    assert!(answer.status.is_success(), "{}", answer.body);
    assert!(lost.load(Ordering::Relaxed), "no answer was lost");
    let logged = stack.log.events().pop().unwrap();
    assert_eq!((&logged["message"], &logged["hash_upgrade"]), (&json!(event), &upgrade));
}

/// Of two concurrent requests, one rotates and the other gets the same refresh token. Neither mistakes the other's
/// write for its own.
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

/// After a process was frozen, its connections may be closed, or may never deliver an answer.
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

    for request in ["login", "refresh", "list", "password", "logout"] {
        stack.clock.advance(200);
        stack.wire.kill_connections(fault);

        let answer = Request::named(request).send(&stack, &login).await;

        assert!(answer.status.is_success(), "{request:?}: {}", answer.body);
    }
}

/// Returns the update that a function makes for this request after `nth` earlier updates.
fn update(request: &str, function: &str, nth: usize) -> StoreCall {
    StoreCall {
        request: Request::named(request),
        function: function.to_owned(),
        operation: "UpdateItem".to_owned(),
        nth,
    }
}

/// Returns a plan for the wire that fails `call` and the next `times - 1` calls of the same function with the same
/// operation.
fn at(call: &StoreCall, times: usize, fault: Fault) -> impl FnMut(&Crossing) -> Option<Fault> + Send + use<> {
    let StoreCall {
        function,
        operation,
        nth,
        ..
    } = call.clone();
    let mut due = std::iter::repeat_n(false, nth).chain(std::iter::repeat_n(true, times));
    move |crossing| {
        let wanted = crossing.function == function && crossing.operation == operation;
        (wanted && due.next() == Some(true)).then_some(fault)
    }
}
