//! Audit events and metrics. Each event is one flat line of JSON with the member names of Lambda Powertools. The line
//! also contains the event's metric, in CloudWatch's embedded metric format. Events that a stranger can cause as often
//! as they like are counted, and for each event and reason, at most one line in ten seconds reports their number.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use claims::Moment;
use config::Telemetry;
use serde_json::{Value, json};

use crate::{AuditEvent, Call, Event, GatewayRequest, Sink, call::root_trace_id, tally::Tally};

/// The version of the workspace, and so of the function that writes a line.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The numbers that are metrics too, with their units in the words of CloudWatch.
pub const METRICS: [(&str, &str); 2] = [("poll_milliseconds", "Milliseconds"), ("feed_age_seconds", "Seconds")];
/// The metric of a process that starts, by the name that Powertools for AWS Lambda uses.
const COLD_START: &str = "ColdStart";
/// The fields that a line can have whatever happened. All others, and `user_id` and `sid`, say what happened.
pub const FIELDS: [&str; 15] = [
    "timestamp",
    "level",
    "message",
    "service",
    "function_name",
    "version",
    "function_request_id",
    "correlation_id",
    "api_id",
    "route",
    "source",
    "cold_start",
    COLD_START,
    "xray_trace_id",
    "_aws",
];

/// The audit log of one function, for the lifetime of its process.
pub struct Audit {
    telemetry: Telemetry,
    sink: Box<dyn Sink>,
    /// Whether no invocation has begun yet.
    cold: AtomicBool,
    /// Whether the metric of the cold start was not written yet.
    cold_unwritten: AtomicBool,
    tally: Mutex<Tally>,
}

impl Audit {
    /// Returns an audit log that writes to `sink`.
    #[must_use]
    pub fn new(telemetry: Telemetry, sink: impl Sink + 'static) -> Self {
        Self {
            telemetry,
            sink: Box::new(sink),
            cold: AtomicBool::new(true),
            cold_unwritten: AtomicBool::new(true),
            tally: Mutex::default(),
        }
    }

    /// Begins an invocation. The first one is the cold start, even if it logs nothing. Counted events that are due are
    /// written now.
    pub fn begin(&self, now: Moment, request_id: String, xray_trace_id: Option<String>) -> Call {
        let call = Call {
            now,
            request_id,
            gateway: GatewayRequest::default(),
            xray_trace_id: xray_trace_id.and_then(|header| root_trace_id(&header)),
            cold_start: self.cold.swap(false, Ordering::Relaxed),
        };
        self.write_due(&call, None);
        call
    }

    /// Writes an event of an invocation. If the event is a counted one, it is first added to its count, and then all
    /// counted events that are due are written.
    pub fn write(&self, call: &Call, event: AuditEvent) {
        match event.counted {
            Some(reason) => self.write_due(call, Some((event.name, reason))),
            None => self.write_number(call, event, 1),
        }
    }

    /// Writes one line for `number` equal events.
    pub fn write_number(&self, call: &Call, event: AuditEvent, number: u64) {
        self.sink.line(&self.line(call, event, number));
    }

    /// Counts the event `one_more`, if it is given, and then writes the counted events that are due.
    fn write_due(&self, call: &Call, one_more: Option<(Event, &'static str)>) {
        let due = {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((event, reason)) = one_more {
                tally.add(event, reason);
            }
            tally.take_due(call.now)
        };
        for (event, number) in due {
            self.write_number(call, event, number);
        }
    }

    /// Returns the line for `number` equal events.
    fn line(&self, call: &Call, event: AuditEvent, number: u64) -> String {
        let AuditEvent {
            name, level, fields, ..
        } = event;
        let name = name.as_str();
        let mut declared = vec![json!({"Name": name, "Unit": "Count"})];
        let metrics = METRICS.iter().filter(|(name, _)| fields.contains_key(name));
        declared.extend(metrics.map(|(name, unit)| json!({"Name": name, "Unit": unit})));
        let is_cold = call.cold_start && self.cold_unwritten.swap(false, Ordering::Relaxed);
        if is_cold {
            declared.push(json!({"Name": COLD_START, "Unit": "Count"}));
        }
        let mut line = json!({
            "timestamp": format_iso_8601(call.now),
            "level": level.as_str(),
            "message": name,
            "service": self.telemetry.service,
            "function_name": self.telemetry.function_name,
            "version": VERSION,
            "function_request_id": call.request_id,
            "cold_start": call.cold_start,
            "_aws": {
                "Timestamp": call.now.get(),
                "CloudWatchMetrics": [{
                    "Namespace": self.telemetry.namespace,
                    "Dimensions": [["service"]],
                    "Metrics": declared,
                }],
            },
            name: number,
        });
        if let Value::Object(line) = &mut line {
            let gateway = &call.gateway;
            let source = gateway
                .source
                .as_deref()
                .and_then(|source| self.telemetry.source(source));
            let about_request = [
                ("correlation_id", gateway.id.clone()),
                ("api_id", gateway.api.clone()),
                ("route", gateway.route.clone()),
                ("source", source),
                ("xray_trace_id", call.xray_trace_id.clone()),
            ];
            let given = about_request
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            line.extend(given.map(|(name, value)| (name.to_owned(), value.into())));
            line.extend(is_cold.then(|| (COLD_START.to_owned(), 1.into())));
            line.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        line.to_string()
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Audit").field(&self.telemetry).finish()
    }
}

fn format_iso_8601(at: Moment) -> String {
    let milliseconds = i64::try_from(at.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(milliseconds).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests;
