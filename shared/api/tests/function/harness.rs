//! Helpers for these tests: a function with any handler, a fixed clock, and a log in memory.

use std::sync::{Arc, Mutex};

use api::{Function, Handler};
use claims::{Clock, Millis};
use config::Environment;
use runtime::{Audit, Sink};
use serde_json::{Value, json};

/// A clock that always shows the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Millis {
        Millis::new(1_700_000_000_000)
    }
}

/// A log in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Sink for Log {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Log {
    /// Returns every line so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        let lines = self.0.lock().unwrap();
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

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
