//! The access log of the gateway: one entry for each request.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use claims::Moment;
use serde_json::{Map, Value};

/// What the access log says for a value that a request does not have (documented).
const ABSENT: &str = "-";
/// What stands for Lambda's id of the invocation, which only the function knows here.
const INVOCATION: &str = "local";
/// The prefix of the variables in the template's format.
const CONTEXT: &str = "$context.";

/// What is known about a request when it has been answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// The gateway's id of the request.
    pub(crate) id: String,
    pub(crate) source: String,
    /// The route, or `None` if there is none for the request.
    pub(crate) route: Option<String>,
    /// The context of the authorizer's answer. It is empty if no authorizer was asked.
    pub(crate) authorizer: Map<String, Value>,
    /// Whether a function answered, and not the gateway by itself.
    pub(crate) is_of_function: bool,
}

impl Access {
    /// Returns what is known about a request at its arrival: its id and the address that it came from.
    pub(crate) fn of(id: String, source: String) -> Self {
        Self {
            id,
            source,
            ..Self::default()
        }
    }
}

/// An entry of the access log.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    access: Access,
    at: Moment,
    status: StatusCode,
    milliseconds: u64,
    length: Option<u64>,
}

impl Entry {
    /// Returns the entry of a request that arrived at `at` and was answered after this time with this status and a body
    /// of this length in bytes.
    pub(crate) const fn new(
        access: Access,
        at: Moment,
        status: StatusCode,
        milliseconds: u64,
        length: Option<u64>,
    ) -> Self {
        Self {
            access,
            at,
            status,
            milliseconds,
            length,
        }
    }

    /// Returns the entry in the format of the template. A variable that is not known here counts as absent.
    pub(crate) fn render(&self, format: &str) -> String {
        let mut parts = format.split(CONTEXT);
        let mut line = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part
                .find(|character: char| !is_of_name(character))
                .unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            line.push_str(&self.value(name));
            line.push_str(rest);
        }
        line
    }

    /// Returns the entry for people: the time, the route, the status and the time that it took, and who called and why
    /// the authorizer refused it, if that is known.
    pub(crate) fn readable(&self) -> String {
        let route = self.access.route.as_deref().unwrap_or("no route");
        let line = format!(
            "{} {route} {} {} ms",
            strftime(self.at, "%H:%M:%S"),
            self.status.as_u16(),
            self.milliseconds
        );
        let known = [("user", "sub"), ("why", "reason")]
            .into_iter()
            .filter_map(|(name, variable)| {
                let value = self.access.authorizer.get(variable)?.as_str()?;
                Some(format!("  {name} {value}"))
            });
        known.fold(line, |line, part| line + &part)
    }

    fn value(&self, name: &str) -> String {
        let own = BTreeMap::from([
            ("requestId", self.access.id.clone()),
            ("requestTime", strftime(self.at, "%d/%b/%Y:%H:%M:%S +0000")),
            (
                "routeKey",
                self.access.route.clone().unwrap_or_else(|| ABSENT.to_owned()),
            ),
            ("status", self.status.as_u16().to_string()),
            ("responseLatency", self.milliseconds.to_string()),
            (
                "responseLength",
                self.length
                    .map_or_else(|| ABSENT.to_owned(), |length| length.to_string()),
            ),
            ("identity.sourceIp", self.access.source.clone()),
            (
                "integration.requestId",
                if self.access.is_of_function { INVOCATION } else { ABSENT }.to_owned(),
            ),
        ]);
        let of_authorizer = || {
            let value = self.access.authorizer.get(name.strip_prefix("authorizer.")?)?;
            Some(value.as_str().map_or_else(|| value.to_string(), escape))
        };
        let value = own.get(name).cloned().or_else(of_authorizer);
        value.unwrap_or_else(|| ABSENT.to_owned())
    }
}

const fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '.' || character == '_'
}

/// Returns a text as it is between the quotes of JSON.
fn escape(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn strftime(at: Moment, format: &str) -> String {
    let milliseconds = i64::try_from(at.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime(format).to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FORMAT: &str = r#"{"requestId":"$context.requestId","status":"$context.status","routeKey":"$context.routeKey","sub":"$context.authorizer.sub","why":"$context.authorizer.reason","integration":"$context.integration.requestId","end":"$context.identity.sourceIp"}"#;

    #[test]
    fn an_entry_has_the_format_of_the_template() {
        let refused = entry(&json!({"sub": "user-1", "reason": "a \"role\""}));

        let line: Value = serde_json::from_str(&refused.render(FORMAT)).unwrap();

        assert_eq!(
            line,
            json!({
                "requestId": "r-1", "status": "403", "routeKey": "GET /reports/{id}", "sub": "user-1",
                "why": "a \"role\"", "integration": "-", "end": "192.0.2.1",
            })
        );
    }

    #[test]
    fn people_see_who_called_and_why_it_was_refused() {
        let refused = entry(&json!({"sub": "user-1", "reason": "role"}));
        assert_eq!(
            refused.readable(),
            "22:13:20 GET /reports/{id} 403 4 ms  user user-1  why role"
        );

        let answered = Entry {
            access: Access {
                is_of_function: true,
                ..refused.access.clone()
            },
            ..refused.clone()
        };
        assert_eq!(answered.value("integration.requestId"), "local");

        let open = Entry {
            access: Access::default(),
            ..refused
        };
        assert_eq!(open.readable(), "22:13:20 no route 403 4 ms");
    }

    fn entry(authorizer: &Value) -> Entry {
        let access = Access {
            id: "r-1".to_owned(),
            source: "192.0.2.1".to_owned(),
            route: Some("GET /reports/{id}".to_owned()),
            authorizer: authorizer.as_object().unwrap().clone(),
            is_of_function: false,
        };
        Entry::new(
            access,
            Moment::new(1_700_000_000_000),
            StatusCode::FORBIDDEN,
            4,
            Some(23),
        )
    }
}
