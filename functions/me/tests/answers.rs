//! What a protected route returns about its caller.
#![expect(clippy::unwrap_used, reason = "lints do not recognise test helpers as tests")]

use api::Function;
use config::Environment;
use doubles::{Log, Still};
use me::Me;
use rstest::rstest;
use runtime::Audit;
use serde_json::{Value, json};

#[rstest]
#[case::format_2(json!({"lambda": {"sub": "user-1", "role": "analyst"}}))]
#[case::format_2_beside_others(json!({"lambda": {"sub": "user-1", "role": "analyst"}, "iam": null}))]
#[tokio::test]
async fn a_caller_is_shown_what_the_authorizer_passed_on(#[case] authorizer: Value) {
    let (status, body) = ask("GET", &authorizer).await;

    assert_eq!((status, body), (200, json!({"sub": "user-1", "role": "analyst"})));
}

#[rstest]
#[case::no_authorizer(json!(null))]
#[case::no_context(json!({"lambda": null}))]
#[case::empty_context(json!({"lambda": {}}))]
#[case::another_authorizer(json!({"jwt": {"claims": {"sub": "user-1"}}}))]
#[tokio::test]
async fn a_caller_whom_no_authorizer_has_seen_is_refused(#[case] authorizer: Value) {
    let (status, body) = ask("GET", &authorizer).await;

    assert_eq!((status, body.get("error")), (401, Some(&json!("invalid_token"))));
}

#[tokio::test]
async fn it_is_read_only() {
    let (status, body) = ask("POST", &json!({"lambda": {"sub": "user-1"}})).await;

    assert_eq!((status, body.get("error")), (405, Some(&json!("method_not_allowed"))));
}

async fn ask(method: &str, authorizer: &Value) -> (u64, Value) {
    let event = json!({
        "version": "2.0",
        "rawPath": "/auth/me",
        "requestContext": {"http": {"method": method}, "authorizer": authorizer},
    });
    let telemetry = Environment::from_iter([("SERVICE_NAME", "test")]).telemetry().unwrap();
    let function = Function::new(Me, Still, Audit::new(telemetry, Log::default()));

    let response = function.answer(&event.to_string(), "r-1".to_owned(), None).await;

    let member = |name| response.get(name).unwrap();
    let body = serde_json::from_str(member("body").as_str().unwrap()).unwrap();
    (member("statusCode").as_u64().unwrap(), body)
}
