//! A line of the record, in the format of the functions.

use std::sync::mpsc;

use anyhow::Context as _;
use claims::Moment;
use config::{Environment, Telemetry};
use runtime::{Audit, AuditEvent, Sink};

/// The name of this program in place of that of a function.
const PROGRAM: &str = "authctl";

/// Receives the line.
struct Channel(mpsc::Sender<String>);

impl Sink for Channel {
    fn line(&self, line: &str) {
        // The receiver is kept until the line has been sent.
        self.0.send(line.to_owned()).unwrap_or_default();
    }
}

/// Returns the line of an event. `id` is that of the act, which all its lines have. `stack` is the name of the stack, or
/// `None` for the default of the functions.
pub(super) fn line_of(event: AuditEvent, id: &str, now: Moment, stack: Option<&str>) -> anyhow::Result<String> {
    let telemetry = Environment::from_process().telemetry()?;
    let telemetry = Telemetry {
        service: stack.map_or(telemetry.service, str::to_owned),
        function_name: PROGRAM.to_owned(),
        ..telemetry
    };
    let (sender, lines) = mpsc::channel();
    let audit = Audit::new(telemetry, Channel(sender));
    let call = audit.begin(now, id.to_owned(), None);
    audit.write(&call, event);
    lines.try_recv().context("the event made no line")
}

#[cfg(test)]
mod tests {
    use claims::UserId;
    use runtime::Event;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_line_has_the_fields_of_the_functions() {
        let event = AuditEvent::new(Event::OperatorUserDisabled)
            .user(&UserId::parse("ada").unwrap())
            .field("why", "ticket 4711");

        let line = line_of(event, "act-1", Moment::new(1_700_000_000_123), Some("gate")).unwrap();

        let line: Value = serde_json::from_str(&line).unwrap();
        let expected = [
            ("timestamp", "2023-11-14T22:13:20.123Z"),
            ("level", "INFO"),
            ("message", "operator.user_disabled"),
            ("service", "gate"),
            ("function_name", "authctl"),
            ("function_request_id", "act-1"),
            ("user_id", "ada"),
            ("why", "ticket 4711"),
        ];
        for (name, value) in expected {
            assert_eq!(line[name], json!(value), "{line}");
        }
    }
}
