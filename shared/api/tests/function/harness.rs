//! What every test here needs: a function of some handler, by a clock that stands still, with a log that is kept.

use std::sync::{Arc, Mutex};

use api::{Function, Handler};
use claims::{Clock, Millis};
use config::Environment;
use runtime::{Audit, Sink};
use serde_json::{Value, json};

/// A clock that stands still.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Millis {
        Millis::new(1_700_000_000_000)
    }
}

/// A log that is kept in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Sink for Log {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Log {
    /// Every line so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        let lines = self.0.lock().unwrap();
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A function of this handler, and its log.
pub(crate) fn function<H: Handler>(handler: H) -> (Function<H, Still>, Log) {
    let log = Log::default();
    let environment = Environment::from_iter([("AWS_LAMBDA_FUNCTION_NAME", "test")]);
    let audit = Audit::new(environment.telemetry().unwrap(), log.clone());
    (Function::new(handler, Still, audit), log)
}

/// What a function of this handler answers to an event.
pub(crate) async fn answer(handler: impl Handler, event: &str) -> Value {
    function(handler).0.answer(event, "r-1".to_owned(), None).await
}

/// A request of payload format 2.0.
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

/// A request of payload format 1.0.
pub(crate) fn v1(method: &str, body: &str) -> String {
    json!({
        "httpMethod": method,
        "path": "/",
        "headers": {"Content-Type": "application/json"},
        "body": body,
    })
    .to_string()
}
