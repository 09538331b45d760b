//! The names that logs have: those of the events and fields of functions, of the gateway's fields, and of Lambda's.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use claims::Moment;
use config::Environment;
use local::Template;
use runtime::{Audit, AuditEvent, Event, GatewayRequest, Sink};
use serde_json::Value;
use tests::template;

use crate::{files, path, read, rows};

/// The table of the fields that every line can have.
const LINE: (&str, &str) = ("docs/logs.md", "## A line");
/// The log group of the gateway.
pub(crate) const GROUP_OF_THE_GATEWAY: &str = "ApiLogGroup";
/// The fields of CloudWatch.
pub(crate) const SYSTEM: [&str; 3] = ["@timestamp", "@message", "@log"];
/// The fields of Lambda's own lines that queries use, as in Lambda's documentation ("Lambda Telemetry API Event schema
/// reference", `platform.report`).
pub(crate) const OF_LAMBDA: [&str; 7] = [
    "type",
    "record.status",
    "record.metrics.billedDurationMs",
    "record.metrics.durationMs",
    "record.metrics.initDurationMs",
    "record.metrics.maxMemoryUsedMB",
    "record.metrics.memorySizeMB",
];
/// The metrics whose values are not numbers of events. Each is also a field.
pub(crate) const METRICS: [&str; 2] = [runtime::METRICS[0].0, runtime::METRICS[1].0];
/// Returns the names of all events, which are those of their metrics.
pub(crate) fn events() -> BTreeSet<String> {
    Event::ALL.iter().map(|event| event.as_str().to_owned()).collect()
}

/// Returns the fields of the functions' lines: those of the table, and those that the code adds to an event.
pub(crate) fn fields() -> BTreeSet<String> {
    let mut fields = of_the_table();
    fields.extend(of_the_code());
    fields.extend(METRICS.map(str::to_owned));
    fields
}

/// Returns the ids of the log groups of functions.
pub(crate) fn groups_of_functions(template: &Template) -> BTreeSet<String> {
    let functions = template.of_type("AWS::Serverless::Function");
    let groups = functions.map(|(_, function)| function.pointer("/LoggingConfig/LogGroup"));
    groups
        .map(|group| group.and_then(Value::as_str).unwrap().to_owned())
        .collect()
}

/// Returns the fields of the gateway's access log.
pub(crate) fn fields_of_the_gateway() -> BTreeSet<String> {
    let template = template(&[]);
    let stage = template.resource("ApiStage").unwrap();
    let format = stage.pointer("/Properties/AccessLogSettings/Format");
    let format = format.and_then(Value::as_str).unwrap();
    let format: Value = serde_json::from_str(format).unwrap();
    format.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_table_of_a_line_has_every_field_that_a_line_has() {
    let table = of_the_table();

    for name in line().as_object().unwrap().keys() {
        let is_metric = name == "_aws" || name == Event::Logout.as_str();
        assert!(is_metric || table.contains(name), "{} lacks {name}", LINE.0);
    }
}

#[test]
fn the_code_has_exactly_these_metrics_beside_its_events() {
    assert_eq!(of_calls(".number(\""), METRICS.map(str::to_owned).into());
}

fn of_the_table() -> BTreeSet<String> {
    let rows: Vec<[String; 2]> = rows(LINE.0, LINE.1);
    let names = rows.into_iter().map(|[names, _]| names);
    names
        .flat_map(|names| names.split(", ").map(|name| name.replace('`', "")).collect::<Vec<_>>())
        .collect()
}

/// Returns the names that the code passes to `AuditEvent::field`.
fn of_the_code() -> BTreeSet<String> {
    of_calls(".field(\"")
}

/// Returns the names that the code of functions, and of the operators' log, passes to this method of `AuditEvent`.
fn of_calls(method: &str) -> BTreeSet<String> {
    let sources = [files("functions"), files("shared"), files("tools/authctl/src/operator")].concat();
    let mut names = BTreeSet::new();
    let is_rust = |source: &&String| {
        let is_test = source.ends_with("/tests.rs");
        !is_test && path(source).extension().is_some_and(|extension| extension == "rs")
    };
    for source in sources.iter().filter(is_rust) {
        let text = read(source);
        if text.contains("AuditEvent") {
            let calls = text.split(method).skip(1);
            names.extend(calls.filter_map(|call| Some(call.split_once('"')?.0.to_owned())));
        }
    }
    names
}

/// Returns a line that a function writes.
fn line() -> Value {
    let lines = Lines::default();
    let telemetry = Environment::from_iter([("SERVICE_NAME", "gatehouse")])
        .telemetry()
        .unwrap();
    let audit = Audit::new(telemetry, lines.clone());
    let mut call = audit.begin(Moment::new(1), "r-1".to_owned(), Some("Root=1-2-3".to_owned()));
    call.gateway = GatewayRequest {
        id: Some("g-1".to_owned()),
        api: Some("abc123".to_owned()),
        route: Some("POST /auth/logout".to_owned()),
        source: Some("192.0.2.1".to_owned()),
    };
    audit.write(&call, AuditEvent::new(Event::Logout));
    let line = lines.0.lock().unwrap().pop().unwrap();
    serde_json::from_str(&line).unwrap()
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Sink for Lines {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}
