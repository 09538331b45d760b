//! The responses of a function, in both payload formats.

use std::{future::pending, time::Duration};

use api::{Answer, Failure, Handler, Request};
use claims::{Delivery, Moment};
use config::Origins;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::harness::{answer, function, v1, v2};

#[tokio::test]
async fn success_is_json_that_is_neither_cached_nor_guessed_at() {
    let headers = json!({
        "cache-control": "no-store",
        "content-type": "application/json; charset=utf-8",
        "x-content-type-options": "nosniff",
    });
    let body = r#"{"ok":true}"#;

    assert_eq!(
        answer(Good, &v2("GET", "")).await,
        json!({"statusCode": 200, "headers": headers, "cookies": [], "body": body, "isBase64Encoded": false})
    );
    assert_eq!(
        answer(Good, &v1("GET", "")).await,
        json!({
            "statusCode": 200, "headers": headers, "multiValueHeaders": {"set-cookie": []}, "body": body,
            "isBase64Encoded": false,
        })
    );
}

#[tokio::test]
async fn a_public_document_may_be_cached() {
    let response = answer(Public, &v2("GET", "")).await;

    assert_eq!(response["headers"]["cache-control"], "public, max-age=300");
}

#[tokio::test]
async fn a_cookie_is_set_where_each_format_has_its_cookies() {
    let cookie = "__Host-refresh=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0";

    let second = answer(Leaving, &v2("POST", "")).await;
    let first = answer(Leaving, &v1("POST", "")).await;

    assert_eq!(second["cookies"], json!([cookie]));
    assert_eq!(first["multiValueHeaders"], json!({"set-cookie": [cookie]}));
    for response in [first, second] {
        assert_eq!(response["statusCode"], 204);
        assert_eq!(response["body"], "");
        let headers = json!({"cache-control": "no-store", "x-content-type-options": "nosniff"});
        assert_eq!(response["headers"], headers);
    }
}

#[rstest]
#[case::not_json(v2("POST", "{"), 400, "invalid_request", None)]
#[case::not_post(v2("GET", "{}"), 405, "method_not_allowed", Some(("allow", "POST")))]
#[case::unheard_of(v1("BREW", "{}"), 405, "method_not_allowed", Some(("allow", "POST")))]
#[case::longest(v2("POST", &" ".repeat(8192)), 400, "invalid_request", None)]
#[case::too_long(v2("POST", &" ".repeat(8193)), 413, "request_too_large", None)]
#[case::no_event("{}".to_owned(), 400, "invalid_request", None)]
#[case::no_json("{".to_owned(), 400, "invalid_request", None)]
#[case::nothing(String::new(), 400, "invalid_request", None)]
#[tokio::test]
async fn a_refusal_has_one_body_and_the_allowed_methods(
    #[case] event: String,
    #[case] status: u16,
    #[case] code: &str,
    #[case] header: Option<(&str, &str)>,
) {
    let response = answer(Posted, &event).await;

    assert_eq!(response["statusCode"], status);
    let body = body(&response);
    assert_eq!(body["error"], code);
    assert_eq!(body["request_id"], "r-1");
    assert!(body["error_description"].is_string());
    assert_eq!(body.as_object().unwrap().len(), 3);
    assert_eq!(response["headers"]["cache-control"], "no-store");
    assert_eq!(response["headers"]["content-type"], "application/json; charset=utf-8");
    if let Some((name, value)) = header {
        assert_eq!(response["headers"][name], value);
    }
}

#[tokio::test]
async fn a_foreign_event_is_logged_as_foreign() {
    let (function, log) = function(Posted);

    function.answer(r#"{"Records":[]}"#, "r-1".into(), None).await;

    let events = log.events();
    assert_eq!((events.len(), &events[0]["message"]), (1, &json!("event.foreign")));
}

#[tokio::test]
async fn cookies_from_another_site_are_refused_before_anything_else() {
    let event = json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": {"origin": "https://evil.example", "x-requested-with": "fetch"},
        "cookies": ["__Host-refresh=token"],
        "requestContext": {"http": {"method": "POST"}},
    });

    let response = answer(ByToken, &event.to_string()).await;

    assert_eq!(
        (response["statusCode"].as_u64(), &body(&response)["error"]),
        (Some(403), &json!("csrf_failed"))
    );
}

#[tokio::test]
async fn a_panic_is_a_fault_of_the_service_and_the_process_serves_on() {
    let (function, log) = function(Panicking);

    for _ in 0..2 {
        let response = function.answer(&v2("GET", ""), "r-1".into(), None).await;

        assert_eq!(response["statusCode"], 500);
        assert_eq!(
            body(&response),
            json!({"error": "server_error", "error_description": "the service failed", "request_id": "r-1"})
        );
    }
    let events = log.events();
    assert_eq!(events.len(), 2);
    assert_eq!(
        (&events[0]["message"], &events[0]["level"]),
        (&json!("request.failed"), &json!("ERROR"))
    );
    assert!(!events[0].to_string().contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn no_caller_waits_longer_than_three_seconds() {
    let began = Instant::now();

    let response = answer(Hanging, &v2("GET", "")).await;

    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(response["statusCode"], 503);
    assert_eq!(response["headers"]["retry-after"], "1");
    assert_eq!(body(&response)["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn the_first_invocation_alone_is_a_cold_start() {
    let (function, log) = function(Posted);

    for _ in 0..3 {
        function
            .answer("", "r-1".into(), Some("Root=1-2-3;Sampled=0".into()))
            .await;
    }

    let cold: Vec<Value> = log.events().iter().map(|event| event["cold_start"].clone()).collect();
    assert_eq!(cold, [true, false, false]);
    assert_eq!(log.events()[0]["xray_trace_id"], "1-2-3");
}

fn body(response: &Value) -> Value {
    serde_json::from_str(response["body"].as_str().unwrap()).unwrap()
}

struct Good;

impl Handler for Good {
    async fn handle(&self, _: Request, _: Moment) -> Result<Answer, Failure> {
        Ok(Answer::json(json!({"ok": true})))
    }
}

struct Public;

impl Handler for Public {
    async fn handle(&self, _: Request, _: Moment) -> Result<Answer, Failure> {
        Ok(Answer::public_json(json!({})))
    }
}

struct Leaving;

impl Handler for Leaving {
    async fn handle(&self, _: Request, _: Moment) -> Result<Answer, Failure> {
        Ok(Answer::logged_out(
            &[auth::session::Logout::Ignored("expired")],
            auth::session::LogoutScope::Session,
            Delivery::Cookie,
        ))
    }
}

struct Posted;

impl Handler for Posted {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        request.body().map(|_| Answer::json(json!({})))
    }
}

struct ByToken;

impl Handler for ByToken {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        let origins = Origins::parse("https://app.example.com").unwrap();
        request.presented_token(&origins).map(|_| Answer::json(json!({})))
    }
}

struct Panicking;

impl Handler for Panicking {
    #[expect(clippy::panic, reason = "this is what the test needs")]
    async fn handle(&self, _: Request, _: Moment) -> Result<Answer, Failure> {
        panic!("canary")
    }
}

struct Hanging;

impl Handler for Hanging {
    async fn handle(&self, _: Request, _: Moment) -> Result<Answer, Failure> {
        pending().await
    }
}
