//! How often each request waits for DynamoDB, compared with the table in `docs/performance.md`, and the calls of each
//! request, compared with `docs/operations.toml`.

use std::{fs, path::Path};

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tests::{Answer, Call, Crossing, Stack};

use crate::{requests::Request, units::assert_listed};

/// Each case has the name of a row in the table and the name of a request.
#[rstest]
#[case::login("a login", "login")]
#[case::login_with_a_passkey("a login with a passkey", "login with a passkey")]
#[case::refresh("a refresh", "refresh")]
#[case::replay("a refresh with the parent, late", "replay")]
#[case::logout("a logout", "logout")]
#[case::logout_of_others("a logout of all others", "logout of others")]
#[case::logout_of_all("a logout of all", "logout of all")]
#[case::list("a list of sessions", "list")]
#[case::end("the end of a session in the list", "end")]
#[case::password("a change of password", "password")]
#[tokio::test]
async fn a_request_waits_as_often_as_the_table_says(#[case] row: &str, #[case] request: &str) {
    let stack = Stack::start().await;
    let login = stack.login().await;
    let request = Request::named(request);
    request.prepare(&stack, &login).await;

    let answer = counted(&stack, row, request.send(&stack, &login)).await;

    assert!(answer.status.is_success(), "{}", answer.body);
}

/// A login with an unknown address makes the same calls in each round trip as a login with a wrong password.
#[tokio::test]
async fn an_unknown_address_waits_exactly_as_a_wrong_password_does() {
    let mut calls = Vec::new();
    for email in [tests::EMAIL, "nobody@example.com"] {
        let stack = Stack::start().await;
        let body = json!({"email": email, "password": "not the password"});

        let answer = counted(&stack, "a refused login", stack.send(Call::post("/auth/login", &body))).await;

        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        let mut waves = stack.wire.waves();
        for wave in &mut waves {
            wave.sort_unstable();
        }
        calls.push(waves);
    }

    assert_eq!(calls[0], calls[1]);
}

#[tokio::test]
async fn a_wrong_password_waits_twice_in_a_change_of_password_too() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    let body = json!({"current_password": "not the password", "new_password": "another horse battery staple"});
    let call = Call::post("/auth/password", &body).bearer(&bearer);

    let answer = counted(&stack, "a refused change of password", stack.send(call)).await;

    assert_eq!(answer.error(), "invalid_grant", "{}", answer.body);
}

/// Sends a request. Compares its round trips with the row of the table, and its calls with those that
/// `docs/operations.toml` lists.
async fn counted(stack: &Stack, row: &str, request: impl Future<Output = Answer>) -> Answer {
    let sizes = sizes_of(row);
    stack.wire.count_waves(&sizes, is_beside);
    drop(stack.wire.take());

    let answer = request.await;

    let waves = stack.wire.waves();
    let seen: Vec<usize> = waves.iter().map(Vec::len).collect();
    assert_eq!(seen, sizes, "{row}: {waves:#?}");
    let crossings = stack.wire.take().into_iter();
    let own: Vec<Crossing> = crossings.filter(|call| call.function != "authorizer").collect();
    assert_listed(row, &own);
    answer
}

/// Returns `true` for a call that a request does not wait for: a call of the authorizer, which is another function, or
/// the query of the user's sessions that runs while the password is hashed.
fn is_beside(call: &Crossing) -> bool {
    call.function == "authorizer" || (call.function.as_str(), call.operation.as_str()) == ("login", "Query")
}

/// Reads a row of the table. Returns the number of concurrent calls in each round trip.
fn sizes_of(row: &str) -> Vec<usize> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let page = fs::read_to_string(path).unwrap();
    let row = format!("| {row} |");
    let line = page.lines().find(|line| line.starts_with(&row));
    let cells: Vec<&str> = line.unwrap_or_default().split('|').collect();
    assert_eq!(cells.len(), 5, "docs/performance.md needs a row {row}");
    let sizes: Vec<usize> = cells[3].split(',').map(|size| size.trim().parse().unwrap()).collect();
    assert_eq!(cells[2].trim(), sizes.len().to_string(), "{row}");
    sizes
}
