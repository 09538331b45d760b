//! These tests run `authctl` as a remote operator does: over a slow or broken connection, and with a password from
//! standard input. `authctl` waits longer for a call than a function does.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use tests::{Call, EMAIL, Fault, Stack};

use crate::harness::{Gatehouse, Ran, csv, file};

/// A delay that is longer than the time that a function allows for one attempt of a call.
const SLOW: Duration = Duration::from_millis(900);
/// The delay of a page of one megabyte at 500 kB/s. It is longer than the time that a function allows for all attempts
/// of a call together.
const SLOWER: Duration = Duration::from_millis(2_100);

#[tokio::test]
async fn a_user_is_disabled_over_a_slow_line_and_their_tokens_are_refused() {
    let stack = Stack::start().await;
    let token = stack.login().await.text("access_token");
    stack
        .wire
        .fail(|crossing| (crossing.function == "authctl").then_some(Fault::Slow(SLOW)));

    let ran = Gatehouse::of(&stack)
        .authctl(&["user", "disable", EMAIL, "--yes", "--reason", "ticket 4711"])
        .await;
    stack.clock.advance(5);

    assert!(ran.succeeded, "{ran:?}");
    assert_eq!(stack.me(&token).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn users_are_listed_and_exported_over_a_slow_line() {
    let gatehouse = Gatehouse::new().await;
    import(&gatehouse, 3).await;
    gatehouse
        .wire
        .fail(|crossing| (crossing.operation == "Scan").then_some(Fault::Slow(SLOWER)));

    let listed = gatehouse.authctl(&["user", "list", "-o", "json"]).await;
    let exported = gatehouse.authctl(&["user", "export"]).await;

    assert_eq!(listed.json().as_array().unwrap().len(), 3);
    assert_eq!(exported.sorted().len(), 3);
}

#[tokio::test]
async fn a_page_that_an_outage_ended_is_read_again_without_loss() {
    let gatehouse = Gatehouse::new().await;
    import(&gatehouse, 300).await;
    let mut scans = 0;
    gatehouse.wire.fail(move |crossing| {
        scans += u32::from(crossing.operation == "Scan");
        // The second page fails until the SDK has given up.
        (crossing.operation == "Scan" && (2..=7).contains(&scans)).then_some(Fault::Broken)
    });

    let listed = gatehouse.authctl(&["user", "list", "-o", "json"]).await;

    assert_eq!(listed.json().as_array().unwrap().len(), 300);
    let pages = gatehouse
        .wire
        .take()
        .into_iter()
        .filter(|crossing| crossing.operation == "Scan");
    assert!(pages.count() >= 8);
}

#[tokio::test]
async fn an_error_names_the_fault_of_the_network() {
    let gatehouse = Gatehouse::new().await;
    let run = async |endpoint: &str, arguments: &[&str]| {
        let mut command = gatehouse.command(arguments);
        let output = command
            .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .output()
            .await
            .unwrap();
        Ran::from(output)
    };
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let show = ["user", "show", "ada@example.com"];
    let local = [
        "--local",
        "--database-port",
        &port.to_string(),
        "user",
        "show",
        "ada@example.com",
    ];

    let refused = run(&format!("http://127.0.0.1:{port}"), &show).await;
    let unresolved = run("http://nowhere.invalid", &show).await;
    let not_running = run("", &local).await;

    for (ran, told) in [
        (
            refused,
            "cannot reach AWS over this network: run this again: read credentials: the store is unavailable: connection refused",
        ),
        (
            unresolved,
            "check the network, and that --region or AWS_REGION names a region: read credentials: the store is unavailable: the name of the host could not be resolved (DNS)",
        ),
        (
            not_running,
            "no answer from the local stack: is `cargo dev` running, and with this --database-port?: read credentials: the store is unavailable: connection refused",
        ),
    ] {
        assert!(!ran.succeeded && ran.told.contains(told), "{ran:?}");
    }
}

#[tokio::test]
async fn a_password_is_taken_from_standard_input() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let (first, second) = ("a first long pass phrase", "another long pass phrase");
    let email = "grace@example.com";

    let added = gatehouse
        .authctl_with(&["user", "add", email, "--password-stdin"], &format!("{first}\n"))
        .await;
    assert!(added.succeeded, "{added:?}");
    assert_eq!(login(&stack, email, first).await, 200);

    let set = gatehouse
        .authctl_with(
            &[
                "user",
                "set-password",
                email,
                "--password-stdin",
                "--yes",
                "--reason",
                "ticket 4711",
            ],
            second,
        )
        .await;
    assert!(set.succeeded, "{set:?}");
    assert_eq!(login(&stack, email, second).await, 200);

    let empty = gatehouse
        .authctl_with(
            &[
                "user",
                "set-password",
                email,
                "--password-stdin",
                "--yes",
                "--reason",
                "ticket 4711",
            ],
            "\n",
        )
        .await;
    assert_eq!(empty.told, "error: --password-stdin: standard input is empty\n");
    assert_eq!(login(&stack, email, second).await, 200);
}

async fn login(stack: &Stack, email: &str, password: &str) -> u16 {
    let call = Call::post("/auth/login", &json!({"email": email, "password": password}));
    stack.send(call).await.status.as_u16()
}

async fn import(gatehouse: &Gatehouse, count: u32) {
    let file = file(&format!("far-away-{count}.csv"), &csv(count));
    let ran = gatehouse.authctl(&["user", "import", &file]).await;
    assert!(ran.succeeded, "{ran:?}");
}
