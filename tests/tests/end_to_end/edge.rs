//! A stack behind its own proxy, and one without a proxy: which address counts as the caller's, and which logins need
//! one of the proxy's keys.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tests::{Call, EDGE_KEYS, EMAIL, PASSWORD, Stack};

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:edge";

#[rstest]
#[case::first(EDGE_KEYS[0])]
#[case::second(EDGE_KEYS[1])]
#[tokio::test]
async fn either_key_lets_a_login_through_under_the_address_that_the_proxy_names(#[case] key: &str) {
    let stack = behind_proxy().await;

    let login = stack.send(login(Some(key), "[2001:db8::7]:4711")).await;

    assert_eq!(login.status, StatusCode::OK, "{}", login.body);
    let bearer = login.text("access_token");
    let sessions = stack.send(Call::get("/auth/sessions").bearer(&bearer)).await;
    assert_eq!(sessions.json()["sessions"][0]["ip"], "2001:db8::7");
}

#[rstest]
#[case::missing(None, "no_edge_key")]
#[case::wrong(Some("not a key of the proxy of all the tests"), "wrong_edge_key")]
#[case::empty(Some(""), "wrong_edge_key")]
#[tokio::test]
async fn without_a_key_a_login_is_forbidden_before_anything_is_read(#[case] key: Option<&str>, #[case] reason: &str) {
    let stack = behind_proxy().await;
    let _started = stack.wire.take();

    for _ in 0..20 {
        let refused = stack.send(login(key, "203.0.113.7:4711")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(refused.error(), "forbidden");
    }
    stack.clock.advance(10);
    stack.send(login(key, "203.0.113.7:4711")).await;

    assert_eq!(stack.wire.take(), []);
    let events = stack.log.events();
    let numbers: Vec<_> = events.iter().map(|event| event["request.forbidden"].as_u64()).collect();
    assert_eq!(numbers, [Some(1), Some(19)], "the last one is not written yet");
    assert!(events.iter().all(|event| event["reason"] == reason), "{events:?}");
}

#[tokio::test]
async fn each_caller_of_the_proxy_is_a_source_of_its_own() {
    let stack = Stack::with(&[("EdgeKeysSecret", SECRET), ("SourceFailureLimit", "2")]).await;
    for _ in 0..3 {
        stack.send(guess("203.0.113.7:4711")).await;
    }

    let same = stack.send(guess("203.0.113.7:4712")).await;
    let other = stack.send(guess("203.0.113.8:4711")).await;

    assert_eq!(same.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_proxy_the_address_in_a_header_is_ignored() {
    let stack = Stack::with(&[("SourceFailureLimit", "2")]).await;
    for number in 0..3 {
        stack.send(guess(&format!("203.0.113.{number}:4711"))).await;
    }

    let refused = stack.send(guess("203.0.113.9:4711")).await;

    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_proxy_that_sends_no_address_is_a_fault_and_does_not_evade_the_limit() {
    let stack = behind_proxy().await;

    let failed = stack.send(login(Some(EDGE_KEYS[0]), "somebody")).await;

    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(stack.log.events().last().unwrap()["level"], "ERROR");
}

#[tokio::test]
async fn no_key_of_the_proxy_and_nothing_shown_as_one_is_ever_logged() {
    let stack = behind_proxy().await;
    let canary = "canary-of-the-edge-key-000000000";
    for shown in [EDGE_KEYS[0], EDGE_KEYS[1], canary] {
        for address in ["203.0.113.7:4711", "canary-address"] {
            let answer = stack.send(login(Some(shown), address)).await;
            assert!(
                !answer.body.contains(shown) && !answer.body.contains("canary"),
                "{}",
                answer.body
            );
            stack.clock.advance(10);
        }
    }

    let lines = stack.log.lines();

    assert!(lines.len() >= 6, "{lines:#?}");
    for line in lines {
        for secret in [EDGE_KEYS[0], EDGE_KEYS[1], "canary"] {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}

async fn behind_proxy() -> Stack {
    Stack::with(&[("EdgeKeysSecret", SECRET)]).await
}

fn login(key: Option<&str>, viewer: &str) -> Call {
    let call = Call::post("/auth/login", &json!({"email": EMAIL, "password": PASSWORD}));
    let call = call.header("cloudfront-viewer-address", viewer);
    match key {
        Some(key) => call.header("x-edge-key", key),
        None => call,
    }
}

/// Returns a login with a wrong password. Each viewer address tries its own email address, so that only the limit per
/// source matters.
fn guess(viewer: &str) -> Call {
    let address = format!("{}@example.com", viewer.replace(':', "-"));
    let body = json!({"email": address, "password": "guess"});
    Call::post("/auth/login", &body)
        .header("cloudfront-viewer-address", viewer)
        .header("x-edge-key", EDGE_KEYS[0])
}
