//! Helpers for these tests: a function with any handler, a fixed clock, and a log in memory.

use api::{Function, Handler};
use config::Environment;
use doubles::{Log, Still};
use runtime::Audit;
use serde_json::{Value, json};

/// Returns a function with this handler, and its log.
pub(crate) fn function<H: Handler>(handler: H) -> (Function<H, Still>, Log) {
    let log = Log::default();
    let environment = Environment::from_iter([("AWS_LAMBDA_FUNCTION_NAME", "test")]);
    let audit = Audit::new(environment.telemetry().unwrap(), log.clone());
    (Function::new(handler, Still, audit), log)
}

/// Returns the answer of a function with this handler to an event.
pub(crate) async fn answer(handler: impl Handler, event: &str) -> Value {
    function(handler).0.answer(event, "r-1".to_owned(), None).await
}

/// Returns a request of payload format 2.0.
pub(crate) fn v2(method: &str, body: &str) -> String {
    json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": method}},
        "body": body,
    })
    .to_string()
}

/// Returns a request of payload format 1.0.
pub(crate) fn v1(method: &str, body: &str) -> String {
    json!({
        "httpMethod": method,
        "path": "/",
        "headers": {"Content-Type": "application/json"},
        "body": body,
    })
    .to_string()
}
