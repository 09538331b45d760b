//! These tests run the drill against a whole Gatehouse, with the gateway's cache off and on.

#![cfg(test)]

use std::process::Stdio;

use serde_json::Value;
use tests::{EMAIL, PASSWORD, Stack, TestClock};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

#[tokio::test]
async fn a_revoked_token_is_refused_within_poll_and_cache() {
    for (cache, bound) in [("0", 1), ("2", 3)] {
        let parameters = [("RevocationPollSeconds", "1"), ("AuthorizerCacheSeconds", cache)];
        let stack = Stack::by(TestClock::running(), &parameters).await;
        let url = stack.serve().await;

        for way in ["logout", "logout-all", "session"] {
            let finding = drill(&url, way, bound).await.unwrap();

            assert_eq!(finding["way"], way);
            // The gateway uses a cached answer until it expires.
            let least = if cache == "0" { 0.0 } else { 1.5 };
            assert!(finding["refused_after_seconds"].as_f64().unwrap() >= least, "{finding}");
        }
    }
}

#[tokio::test]
async fn a_bound_that_is_not_kept_fails_the_drill() {
    let stack = Stack::by(TestClock::running(), &[("RevocationPollSeconds", "0")]).await;
    let url = stack.serve().await;

    let error = drill(&url, "logout", 0).await.unwrap_err();

    assert!(error.contains("the bound of 0 s was not kept"), "{error}");
}

/// Returns the output of the drill, or its error.
async fn drill(url: &str, way: &str, bound: u64) -> Result<Value, String> {
    let bound = bound.to_string();
    let arguments = ["revoke-drill", EMAIL, "--password-stdin", "--yes", "--output", "json"];
    let mut child: Child = Command::new(env!("CARGO_BIN_EXE_authctl"))
        .args(arguments)
        .args(["--url", url, "--way", way, "--bound", &bound])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{PASSWORD}\n").as_bytes()).await.unwrap();
    drop(input);

    let output = child.wait_with_output().await.unwrap();

    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}
