//! Tests of the log lines.

use std::sync::{Arc, Mutex};

use claims::UserId;
use config::LogAddresses;

use super::*;

const NOW: Moment = Moment::new(1_700_000_000_123);

#[test]
fn an_event_is_one_flat_line_that_carries_its_metric() {
    let (audit, lines) = audit();
    let call = audit.begin(NOW, "r-1".into(), Some("Root=1-2-3;Parent=4;Sampled=1".into()));

    audit.write(
        &call,
        AuditEvent::new(Event::LoginFailed)
            .user(&UserId::parse("u").unwrap())
            .reason("wrong_password"),
    );

    assert_eq!(
        lines.read(),
        [json!({
            "timestamp": "2023-11-14T22:13:20.123Z",
            "level": "WARN",
            "message": "login.failed",
            "service": "gatehouse",
            "function_name": "login",
            "version": env!("CARGO_PKG_VERSION"),
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
                    "Metrics": [
                        {"Name": "login.failed", "Unit": "Count"},
                        {"Name": "ColdStart", "Unit": "Count"},
                    ],
                }],
            },
            "login.failed": 1,
            "ColdStart": 1,
        })]
    );
}

#[test]
fn a_line_has_the_listed_fields_and_those_of_its_event() {
    let (audit, lines) = audit();
    let call = Call {
        gateway: GatewayRequest {
            id: Some("gateway-1".into()),
            api: Some("abc123".into()),
            route: Some("POST /auth/login".into()),
            source: Some("192.0.2.1".into()),
        },
        ..audit.begin(NOW, "r-1".into(), Some("Root=1-2-3".into()))
    };

    audit.write(&call, AuditEvent::new(Event::LoginFailed).reason("wrong_password"));

    let lines = lines.read();
    let mut names: Vec<&str> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected: Vec<&str> = FIELDS.into_iter().chain(["login.failed", "reason"]).collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_request_is_logged_as_the_gateway_describes_it() {
    let (audit, lines) = audit();
    let call = Call {
        gateway: GatewayRequest {
            id: Some("gateway-1".into()),
            api: Some("abc123".into()),
            route: Some("POST /auth/logout".into()),
            source: Some("192.0.2.1".into()),
        },
        ..audit.begin(NOW, "lambda-1".into(), None)
    };

    audit.write(&call, AuditEvent::new(Event::Logout));

    let line = &lines.read()[0];
    assert_eq!(
        (&line["correlation_id"], &line["function_request_id"]),
        (&json!("gateway-1"), &json!("lambda-1"))
    );
    assert_eq!(
        (&line["api_id"], &line["route"], &line["source"]),
        (&json!("abc123"), &json!("POST /auth/logout"), &json!("192.0.2.1"))
    );
    assert_eq!(call.shown_id(), "gateway-1");
}

#[test]
fn only_the_lines_of_the_first_invocation_are_of_a_cold_start() {
    let (audit, lines) = audit();

    for _ in 0..2 {
        let call = audit.begin(NOW, "r".into(), None);
        audit.write(&call, AuditEvent::new(Event::RefreshRotated));
        audit.write(&call, AuditEvent::new(Event::RefreshRepeated));
    }

    let cold: Vec<Value> = lines.read().iter().map(|line| line["cold_start"].clone()).collect();
    assert_eq!(cold, [true, true, false, false]);
    let counted: Vec<bool> = lines.read().iter().map(|line| line["ColdStart"] == 1).collect();
    assert_eq!(counted, [true, false, false, false], "one start is one count");
}

#[test]
fn an_event_has_its_number_and_its_own_metrics() {
    let (audit, lines) = audit();
    audit.begin(NOW, "r-1".into(), None);
    let call = audit.begin(NOW, "r-2".into(), None);

    let event = AuditEvent::new(Event::AuthorizerAllowed).number("poll_milliseconds", 12);
    audit.write_number(&call, event, 300);

    let line = &lines.read()[0];
    assert_eq!(
        (&line["authorizer.allowed"], &line["poll_milliseconds"]),
        (&json!(300), &json!(12))
    );
    assert_eq!(
        line["_aws"]["CloudWatchMetrics"][0]["Metrics"],
        json!([
            {"Name": "authorizer.allowed", "Unit": "Count"},
            {"Name": "poll_milliseconds", "Unit": "Milliseconds"},
        ])
    );
}

#[test]
fn a_silent_first_invocation_was_the_cold_start_all_the_same() {
    let (audit, _) = audit();

    audit.begin(NOW, "r-1".into(), None);

    assert!(!audit.begin(NOW, "r-2".into(), None).cold_start);
}

#[test]
fn a_line_break_in_a_field_does_not_break_the_line() {
    let (audit, lines) = audit();
    let call = audit.begin(NOW, "r".into(), None);

    audit.write(
        &call,
        AuditEvent::new(Event::Logout).reason("a\r\n{\"level\":\"ERROR\"}"),
    );

    assert_eq!(lines.0.lock().unwrap()[0].lines().count(), 1);
}

/// 1,000 events within a minute make six lines. The next invocation writes the rest in one more line.
#[test]
fn what_is_counted_is_written_every_ten_seconds_with_its_number() {
    let (audit, lines) = audit();
    for number in 0..1000_u64 {
        let call = audit.begin(after(number * 60), format!("r-{number}"), None);
        audit.write(&call, AuditEvent::counted(Event::AuthorizerDenied, "bad_signature"));
    }
    assert_eq!(lines.read().len(), 6);

    audit.begin(after(70_000), "last".into(), None);

    let lines = lines.read();
    let numbers: Vec<u64> = lines
        .iter()
        .map(|line| line["authorizer.denied"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers.len(), 7);
    assert_eq!(numbers[0], 1);
    assert_eq!(numbers.iter().sum::<u64>(), 1000);
    assert_eq!(lines[6]["function_request_id"], "last");
    assert!(lines.iter().all(|line| line["reason"] == "bad_signature"));
    assert!(
        lines
            .iter()
            .all(|line| line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] == "authorizer.denied")
    );
}

#[test]
fn every_event_that_is_not_counted_has_its_own_line() {
    let (audit, lines) = audit();
    let call = audit.begin(NOW, "r".into(), None);

    for _ in 0..3 {
        audit.write(&call, AuditEvent::new(Event::RefreshTheft));
    }

    assert_eq!(lines.read().len(), 3);
}

fn after(milliseconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_add(milliseconds))
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn read(&self) -> Vec<Value> {
        let lines = self.0.lock().unwrap();
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Sink for Lines {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

fn audit() -> (Audit, Lines) {
    let lines = Lines::default();
    let telemetry = Telemetry {
        service: "gatehouse".into(),
        namespace: "Gatehouse".into(),
        function_name: "login".into(),
        addresses: LogAddresses::Full,
    };
    (Audit::new(telemetry, lines.clone()), lines)
}
