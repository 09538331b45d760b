//! The lines of the log: none contains a secret, and each is flat JSON with the field names of Powertools.

use axum::http::{Method, StatusCode};
use serde_json::json;
use tests::{Call, EMAIL, Fault, PASSWORD, Stack};

#[tokio::test]
async fn a_whole_life_of_a_session_leaves_no_secret_in_the_log() {
    let stack = Stack::start().await;
    let mut secrets = vec![EMAIL.to_lowercase(), PASSWORD.to_owned(), "canary-password".to_owned()];

    let login = stack.login().await;
    let by_cookie = stack.login_by_cookie().await;
    let refreshed = stack.refresh(&login.text("refresh_token")).await;
    stack.me(&refreshed.text("access_token")).await;
    stack.me(&format!("{}x", refreshed.text("access_token"))).await;
    stack
        .send(Call::post(
            "/auth/login",
            &json!({"email": EMAIL, "password": "canary-password"}),
        ))
        .await;
    stack
        .send(Call::post(
            "/auth/login",
            &json!({"email": "canary-password@x", "password": "p"}),
        ))
        .await;
    stack
        .send(Call::post(
            "/auth/login",
            &json!({"email": "canary-password", "password": "p"}),
        ))
        .await;
    let garbage = Call::new(Method::POST, "/auth/login").header("content-type", "application/json");
    stack.send(garbage.body("canary-password")).await;
    for _ in 0..3 {
        stack.clock.advance(60);
        stack.refresh(&login.text("refresh_token")).await;
    }
    stack
        .wire
        .fail(|_| Some(Fault::Refused(StatusCode::BAD_REQUEST, "ValidationException")));
    stack.login().await;
    stack.wire.fail(|_| Some(Fault::Broken));
    stack.login().await;
    stack.wire.heal();
    stack.logout(&refreshed.text("refresh_token")).await;

    let tokens = [
        login.text("access_token"),
        login.text("refresh_token"),
        refreshed.text("access_token"),
        refreshed.text("refresh_token"),
        by_cookie.text("access_token"),
        by_cookie.cookie("__Host-refresh").unwrap(),
    ];
    // Only the claims and the signature are secret: many tokens have the same header.
    secrets.extend(
        tokens
            .iter()
            .flat_map(|token| token.split('.').skip(1))
            .map(str::to_owned),
    );
    let lines = stack.log.lines();
    assert!(lines.len() >= 12, "{lines:#?}");
    for line in lines {
        for secret in &secrets {
            assert!(
                !line.to_lowercase().contains(&secret.to_lowercase()),
                "{secret} in {line}"
            );
        }
    }
}

#[tokio::test]
async fn every_line_is_flat_json_with_the_names_of_powertools() {
    let stack = Stack::start().await;
    let login = stack.login().await;
    stack.refresh(&login.text("refresh_token")).await;
    stack.refresh("garbage").await;
    stack.me("garbage").await;
    stack.logout(&login.text("refresh_token")).await;

    for event in stack.log.events() {
        for name in [
            "timestamp",
            "level",
            "message",
            "service",
            "function_name",
            "version",
            "function_request_id",
        ] {
            assert!(event[name].is_string(), "{name} in {event}");
        }
        assert!(event["cold_start"].is_boolean());
        let nested = event
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| value.is_object() || value.is_array());
        assert_eq!(nested.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["_aws"]);
        let metric = &event["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"];
        assert_eq!(event[metric.as_str().unwrap()], json!(1));
    }
}
