//! Audit events and metrics: one flat JSON line each, named as the Lambda Powertools of other languages name them,
//! with CloudWatch's embedded metric format in the same line.

use std::{
    fmt,
    io::Write as _,
    sync::atomic::{AtomicBool, Ordering},
};

use claims::{Millis, SessionId, UserId};
use config::Telemetry;
use serde_json::{Map, Value, json};

/// Writes audit events for one function.
pub struct Audit {
    telemetry: Telemetry,
    sink: Box<dyn Sink>,
    cold: AtomicBool,
}

/// Where lines go.
pub trait Sink: Send + Sync {
    /// Takes one line, without its end.
    fn line(&self, line: &str);
}

/// Standard output, which Lambda forwards to CloudWatch.
#[derive(Clone, Copy, Debug)]
pub struct StandardOutput;

impl Sink for StandardOutput {
    fn line(&self, line: &str) {
        // A log that cannot be written must not fail a request.
        writeln!(std::io::stdout().lock(), "{line}").unwrap_or_default();
    }
}

/// One invocation, as its log lines name it.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it began.
    pub now: Millis,
    /// The request id that Lambda gave it.
    pub request_id: String,
    /// The X-Ray trace that it is part of.
    pub xray_trace_id: Option<String>,
}

/// Something that happened, for whoever watches or investigates. It never carries a token, a password, an address or
/// a body.
#[derive(Clone, Debug)]
pub struct Event {
    name: &'static str,
    level: Level,
    fields: Map<String, Value>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Info,
    /// Someone is at fault, but not the service.
    Warn,
    /// The service, or what it stands on, is at fault.
    Error,
}

impl Event {
    /// An event of this name, which is the name of its metric too.
    #[must_use]
    pub fn new(name: &'static str, level: Level) -> Self {
        Self {
            name,
            level,
            fields: Map::new(),
        }
    }

    /// The user whom it concerns.
    #[must_use]
    pub fn user(self, id: &UserId) -> Self {
        self.field("user_id", id.as_str())
    }

    /// The session that it concerns.
    #[must_use]
    pub fn session(self, sid: &SessionId) -> Self {
        self.field("sid", sid.as_str())
    }

    /// Why it happened, as a stable name.
    #[must_use]
    pub fn reason(self, reason: &str) -> Self {
        self.field("reason", reason)
    }

    /// One more field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: &str) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }
}

impl Audit {
    /// An audit log that writes to `sink`.
    #[must_use]
    pub fn new(telemetry: Telemetry, sink: impl Sink + 'static) -> Self {
        Self {
            telemetry,
            sink: Box::new(sink),
            cold: AtomicBool::new(true),
        }
    }

    /// Writes an event of an invocation.
    pub fn write(&self, call: &Call, event: Event) {
        let line = self.line(call, event, self.cold.swap(false, Ordering::Relaxed));
        self.sink.line(&line);
    }

    fn line(&self, call: &Call, event: Event, cold_start: bool) -> String {
        let Event { name, level, fields } = event;
        let mut line = json!({
            "timestamp": iso_8601(call.now),
            "level": level.name(),
            "message": name,
            "service": self.telemetry.service,
            "function_name": self.telemetry.function_name,
            "function_request_id": call.request_id,
            "cold_start": cold_start,
            "_aws": {
                "Timestamp": call.now.get(),
                "CloudWatchMetrics": [{
                    "Namespace": self.telemetry.namespace,
                    "Dimensions": [["service"]],
                    "Metrics": [{"Name": name, "Unit": "Count"}],
                }],
            },
            name: 1,
        });
        if let Value::Object(line) = &mut line {
            line.extend(
                call.xray_trace_id
                    .clone()
                    .map(|id| ("xray_trace_id".to_owned(), id.into())),
            );
            line.extend(fields);
        }
        line.to_string()
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Audit").field(&self.telemetry).finish()
    }
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

fn iso_8601(at: Millis) -> String {
    let milliseconds = i64::try_from(at.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(milliseconds).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn an_event_is_one_flat_line_that_carries_its_metric() {
        let lines = Lines::default();
        let audit = Audit::new(telemetry(), lines.clone());
        let event = Event::new("login.failed", Level::Warn)
            .user(&UserId::parse("u").unwrap())
            .reason("wrong_password");

        audit.write(&call(), event.clone());
        audit.write(&call(), event);

        let lines: Vec<Value> = lines
            .read()
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            lines[0],
            json!({
                "timestamp": "2023-11-14T22:13:20.123Z",
                "level": "WARN",
                "message": "login.failed",
                "service": "gatehouse",
                "function_name": "login",
                "function_request_id": "r-1",
                "cold_start": true,
                "xray_trace_id": "1-2-3",
                "user_id": "u",
                "reason": "wrong_password",
                "_aws": {
                    "Timestamp": 1_700_000_000_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Gatehouse",
                        "Dimensions": [["service"]],
                        "Metrics": [{"Name": "login.failed", "Unit": "Count"}],
                    }],
                },
                "login.failed": 1,
            })
        );
        assert_eq!(lines[1]["cold_start"], json!(false));
    }

    #[test]
    fn a_line_break_in_a_field_does_not_break_the_line() {
        let lines = Lines::default();
        let audit = Audit::new(telemetry(), lines.clone());

        audit.write(
            &call(),
            Event::new("x", Level::Info).reason("a\r\n{\"level\":\"ERROR\"}"),
        );

        assert_eq!(lines.read()[0].lines().count(), 1);
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl Lines {
        fn read(&self) -> Vec<String> {
            self.0.lock().unwrap().clone()
        }
    }

    impl Sink for Lines {
        fn line(&self, line: &str) {
            self.0.lock().unwrap().push(line.to_owned());
        }
    }

    fn telemetry() -> Telemetry {
        Telemetry {
            service: "gatehouse".into(),
            namespace: "Gatehouse".into(),
            function_name: "login".into(),
        }
    }

    fn call() -> Call {
        Call {
            now: Millis::new(1_700_000_000_123),
            request_id: "r-1".into(),
            xray_trace_id: Some("1-2-3".into()),
        }
    }
}
