//! The log lines of functions, for people.

use runtime::FIELDS;
use serde_json::{Map, Value};

/// The events that people do not want to see: an authorizer writes one with each poll of the feed, and each act of an
/// operator has another line, which says what became of it.
const HIDDEN: [&str; 2] = ["authorizer.allowed", "operator.began"];

/// A log line of a function.
#[derive(Clone, Debug)]
pub(crate) struct EventLine(Map<String, Value>);

impl EventLine {
    /// Reads a line. Returns `None` if a function wrote something else, such as a panic.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line: Map<String, Value> = serde_json::from_str(line).ok()?;
        (line.contains_key("message") && line.contains_key("_aws")).then_some(Self(line))
    }

    /// Returns the line for people: the time, the event and what it says, such as
    /// `12:03:58   login.failed  reason=wrong_password`. Returns `None` for an event that only a program wants to see.
    pub(crate) fn readable(&self) -> Option<String> {
        let text = |name| self.0.get(name).and_then(Value::as_str).unwrap_or_default();
        let event = text("message");
        if HIDDEN.contains(&event) {
            return None;
        }
        let time = text("timestamp").get(11..19).unwrap_or_default();
        let level = match text("level") {
            "INFO" => String::new(),
            level => format!("  {level}"),
        };
        let others = self
            .0
            .iter()
            .filter(|(name, value)| !(FIELDS.contains(&name.as_str()) || *name == event && **value == 1));
        let others = others.map(|(name, value)| {
            // A terminal would obey control characters, so a text with some stays as JSON.
            let plain = value.as_str().filter(|text| !text.contains(char::is_control));
            let value = plain.map_or_else(|| value.to_string(), str::to_owned);
            format!("  {name}={value}")
        });
        Some(format!("{time}   {event}{level}{}", others.collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_see_what_happened_without_what_is_always_there() {
        let line = line(
            "login.failed",
            "WARN",
            &json!({"reason": "wrong_password", "login.failed": 1}),
        );

        let readable = EventLine::read(&line).unwrap().readable();

        assert_eq!(
            readable.unwrap(),
            "12:03:58   login.failed  WARN  reason=wrong_password"
        );
    }

    #[test]
    fn a_number_of_equal_events_is_shown() {
        let line = line("authorizer.denied", "INFO", &json!({"authorizer.denied": 12}));

        let readable = EventLine::read(&line).unwrap().readable();

        assert_eq!(readable.unwrap(), "12:03:58   authorizer.denied  authorizer.denied=12");
    }

    #[test]
    fn a_terminal_gets_no_control_characters() {
        let line = line("operator.user_disabled", "INFO", &json!({"why": "a\u{1b}[2Jb"}));

        let readable = EventLine::read(&line).unwrap().readable().unwrap();

        assert!(readable.ends_with(r#"  why="a\u001b[2Jb""#), "{readable}");
    }

    #[test]
    fn polls_and_what_an_operator_is_about_to_do_are_not_shown() {
        for event in ["authorizer.allowed", "operator.began"] {
            let line = line(event, "INFO", &json!({event: 12}));

            assert_eq!(EventLine::read(&line).unwrap().readable(), None, "{event}");
        }
    }

    #[test]
    fn other_output_is_not_a_line() {
        for output in ["thread 'main' panicked", "{}", "{\"message\":\"a\"}", "[]"] {
            assert!(EventLine::read(output).is_none(), "{output}");
        }
    }

    fn line(event: &str, level: &str, more: &Value) -> String {
        let mut line = json!({
            "timestamp": "2026-11-25T12:03:58.123Z", "level": level, "message": event, "service": "gatehouse",
            "function_name": "login", "version": "0.1.0", "function_request_id": "f", "correlation_id": "c",
            "api_id": "local", "route": "POST /auth/login", "source": "127.0.0.1", "cold_start": true,
            "ColdStart": 1, "xray_trace_id": "1-2-3", "_aws": {},
        });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line.to_string()
    }
}
