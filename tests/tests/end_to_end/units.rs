//! The calls of each operation, compared with the calls that `docs/operations.toml` lists for it.

use std::{fs, path::Path};

use tests::{Crossing, Stack};
use toml::{Table, Value};

/// Asserts that these calls are exactly the ones that are listed for an operation, in any order. The operation is found
/// by its name or by its row in `docs/performance.md`.
pub(crate) fn assert_listed(operation: &str, crossings: &[Crossing]) {
    let mut made: Vec<(String, String)> = crossings
        .iter()
        .map(|crossing| {
            let table = crossing.table.split('-').next().unwrap();
            (crossing.operation.clone(), table.to_owned())
        })
        .collect();
    made.sort_unstable();

    assert_eq!(made, listed(operation), "{operation}");
}

/// The authorizer polls while it verifies a token.
#[tokio::test]
async fn a_poll_makes_the_calls_that_are_listed() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    stack.me(&bearer).await;
    stack.clock.advance(6);
    drop(stack.wire.take());

    stack.me(&bearer).await;

    assert_listed("poll", &stack.wire.take());
}

#[tokio::test]
async fn an_authorization_between_two_polls_makes_no_call() {
    let stack = Stack::start().await;
    let bearer = stack.login().await.text("access_token");
    stack.me(&bearer).await;
    drop(stack.wire.take());

    stack.me(&bearer).await;

    assert_listed("authorization", &stack.wire.take());
}

/// Returns each call that is listed for `operation`, as the name of the call and the table, sorted.
fn listed(operation: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.toml");
    let data: Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let operations = data["operation"].as_table().unwrap();
    let is_meant = |(name, listed): &(&String, &Value)| {
        *name == operation || listed.get("row").and_then(Value::as_str) == Some(operation)
    };
    let (_, found) = operations.iter().find(is_meant).unwrap();
    let calls = found["calls"].as_array().unwrap().iter();
    let text = |call: &Value, name: &str| call[name].as_str().unwrap().to_owned();
    let mut listed: Vec<(String, String)> = calls.map(|call| (text(call, "call"), text(call, "table"))).collect();
    listed.sort_unstable();
    listed
}
