//! The story of a request, put together from lines of the logs.

use runtime::FIELDS;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    meaning::{self, Meaning},
    person::Person,
};
use crate::logs::Line;

/// Fields beside those of every line that the story tells elsewhere.
const ELSEWHERE: [&str; 3] = ["user_id", "sid", "feed_age_seconds"];
/// The event that an authorizer writes with a poll. It is about many requests.
const POLL: &str = "authorizer.allowed";
/// The event of a refusal by the authorizer.
const DENIED: &str = "authorizer.denied";

/// Events that a function writes beside that of the request, when it uses an old copy.
const NOTICES: [&str; 2] = ["authorizer.feed_unread", "keys.unread"];

/// The story of a request.
#[derive(Debug, Serialize)]
pub(super) struct Story {
    request_id: String,
    /// The route, such as `GET /reports`.
    called: Option<String>,
    status: Option<u64>,
    at: Option<String>,
    milliseconds: Option<u64>,
    /// The network address of the caller.
    source: Option<String>,
    /// Why it was answered so.
    fact: String,
    advice: Option<&'static str>,
    #[serde(skip)]
    user: Option<String>,
    #[serde(skip)]
    sid: Option<String>,
    person: Option<Person>,
    /// What the gateway and the functions logged, in the order of their times.
    lines: Vec<Told>,
}

/// A line of the story.
#[derive(Debug, Serialize)]
struct Told {
    at: String,
    /// Who logged it: `gateway`, `lambda`, or the name of a function.
    by: String,
    what: String,
    fields: Map<String, Value>,
}

impl Story {
    /// Tells the story of the request with this id. Returns `None` if there is no line about it.
    pub(super) fn of(id: &str, lines: Vec<Line>) -> Option<Self> {
        let mut lines: Vec<_> = lines
            .into_iter()
            .filter(|line| line.text("message") != Some(POLL))
            .collect();
        lines.sort_by(|one, other| one.at.cmp(&other.at));
        let first = lines.first()?;
        let gateway = lines.iter().find(|line| line.is_of_gateway());
        let of_any = |names: &[&str]| {
            let found = lines
                .iter()
                .find_map(|line| names.iter().find_map(|name| line.text(name)));
            found.map(str::to_owned)
        };
        let Meaning { fact, advice } = explain(&lines, gateway);
        Some(Self {
            request_id: id.to_owned(),
            called: of_any(&["routeKey", "route"]),
            status: gateway.and_then(|line| line.number("status")),
            at: Some(first.at.clone()),
            milliseconds: gateway.and_then(|line| line.number("responseLatency")),
            source: of_any(&["source", "ip"]),
            fact,
            advice,
            user: of_any(&["user_id", "sub"]),
            sid: of_any(&["sid"]),
            person: None,
            lines: lines.iter().map(Told::new).collect(),
        })
    }

    /// Returns the id of the user, if a line names one.
    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the id of the session, if a line names one.
    pub(super) fn session(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    pub(super) fn with_person(self, person: Option<Person>) -> Self {
        Self { person, ..self }
    }

    /// Returns the story for people.
    pub(super) fn text(&self) -> String {
        let answered = match (self.status, self.milliseconds) {
            (Some(status), Some(milliseconds)) => format!("{status} after {milliseconds} ms"),
            (Some(status), None) => status.to_string(),
            (None, _) => "no line of the access log".to_owned(),
        };
        let from = self.source.as_ref().map(|source| format!(", from {source}"));
        let mut rows = vec![
            (
                "request",
                format!(
                    "{}, at {}{}",
                    self.called.as_deref().unwrap_or("no route"),
                    self.at.as_deref().unwrap_or_default(),
                    from.unwrap_or_default()
                ),
            ),
            ("answer", answered),
            ("why", self.fact.clone()),
        ];
        rows.extend(self.advice.map(|advice| ("what to do", advice.to_owned())));
        rows.extend(self.person.iter().flat_map(Person::text));
        let mut logged = "logged";
        for line in &self.lines {
            rows.push((logged, line.text()));
            logged = "";
        }
        let lines = rows
            .iter()
            .map(|(name, value)| format!("{name:<10}  {value}").trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Returns why the request was answered so: what the authorizer denied, or else what a function logged last, or else
/// what the gateway knows. The gateway has the authorizer's reason of this request: a line of counted events has the id
/// of the request that wrote it, and may be about others.
fn explain(lines: &[Line], gateway: Option<&Line>) -> Meaning {
    let of_gateway = |name| gateway.and_then(|line| line.text(name));
    let status = gateway.and_then(|line| line.number("status"));
    let is_failed = status.is_none_or(|status| status >= 400);
    let is_of_function = of_gateway("functionRequestId").is_some();
    let denied = lines.iter().find(|line| line.text("message") == Some(DENIED));
    let denied = denied.filter(|_| is_failed && !is_of_function);
    // A kept answer has the error alone.
    let error = of_gateway("authorizerError").filter(|error| error.starts_with("insufficient_"));
    let reason = of_gateway("authorizerReason").or_else(|| denied?.text("reason"));
    if let Some(reason) = reason.or(error) {
        return meaning::of_denial(reason);
    }
    let events = lines
        .iter()
        .rev()
        .filter_map(|line| Some((line, line.text("message")?)));
    let mut events = events.filter(|(_, name)| *name != DENIED);
    let cause = events.clone().find(|(_, name)| !NOTICES.contains(name));
    let cause = cause.or_else(|| events.next().filter(|_| is_failed));
    if let Some((line, name)) = cause {
        return meaning::of_event(name, line.text("reason"), line.text("cause"));
    }
    if let Some(error) = of_gateway("authorizerError") {
        return meaning::of_event("authorizer.undecided", None, Some(error));
    }
    match status {
        Some(status) if is_of_function => meaning::of_answer(status),
        Some(status) => meaning::of_status(status, of_gateway("error")),
        None => Meaning {
            fact: "a function ran, and logged no event".to_owned(),
            advice: None,
        },
    }
}

impl Told {
    fn new(line: &Line) -> Self {
        let (by, what) = if line.is_of_gateway() {
            let status = line.number("status").unwrap_or_default();
            ("gateway".to_owned(), status.to_string())
        } else if line.text("type").is_some() {
            ("lambda".to_owned(), describe_report(line))
        } else {
            let function = line.text("function_name").unwrap_or("a function");
            (function.to_owned(), line.text("message").unwrap_or_default().to_owned())
        };
        Self {
            at: line.at.clone(),
            by,
            what,
            fields: line.fields().iter().filter(is_said).map(own).collect(),
        }
    }

    fn text(&self) -> String {
        let time = self.at.get(11..).unwrap_or(&self.at);
        let details = if matches!(self.by.as_str(), "gateway" | "lambda") {
            String::new()
        } else {
            let others = self.fields.iter();
            let others = others
                .filter(|(name, value)| !(is_told_elsewhere(name) || **name == self.what && value.as_u64() == Some(1)));
            let others = others.map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("  {name}={value}")
            });
            others.collect()
        };
        format!("{time}  {}  {}{details}", self.by, self.what)
    }
}

fn is_told_elsewhere(name: &str) -> bool {
    FIELDS.contains(&name) || ELSEWHERE.contains(&name)
}

/// Returns whether a field of a line says something. The definition of the metrics is the same in every line.
fn is_said((name, value): &(&String, &Value)) -> bool {
    *name != "_aws" && **value != "-"
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Returns what Lambda's report says about an invocation.
fn describe_report(line: &Line) -> String {
    let record = line.fields().get("record");
    let metric = |name: &str| record?.get("metrics")?.get(name)?.as_f64();
    let status = record.and_then(|record| record.get("status")?.as_str());
    let parts = [
        Some(status.unwrap_or("ended").to_owned()),
        metric("durationMs").map(|time| format!("{time:.0} ms")),
        metric("initDurationMs").map(|time| format!("started in {time:.0} ms")),
        metric("maxMemoryUsedMB").map(|memory| format!("{memory:.0} MB")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: [&str; 3] = [
        "2026-11-25T12:03:58.100Z",
        "2026-11-25T12:03:58.200Z",
        "2026-11-25T12:03:58.300Z",
    ];

    #[test]
    fn a_denial_is_explained_by_the_authorizer() {
        let story = tell(&[
            &gateway(403, &json!({"authorizerReason": "revoked", "sub": "ada", "sid": "s-1"})),
            &json!({
                "message": "authorizer.denied", "function_name": "authorizer", "reason": "revoked", "user_id": "ada",
                "sid": "s-1", "kid": "k-1", "source": "192.0.2.1", "route": "GET /reports", "authorizer.denied": 1,
            }),
        ]);

        assert_eq!((story.user(), story.session()), (Some("ada"), Some("s-1")));
        assert_eq!(story.status, Some(403));
        let text = story.text();
        for expected in [
            "request     GET /reports, at 2026-11-25T12:03:58.100Z, from 192.0.2.1",
            "answer      403 after 6 ms",
            "why         the session, or all sessions of the user, had ended",
            "12:03:58.200Z  authorizer  authorizer.denied  ",
            "  kid=k-1",
            "  reason=revoked",
            "12:03:58.100Z  gateway  403",
        ] {
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_counted_denial_is_known_to_the_gateway_alone() {
        let story = tell(&[&gateway(403, &json!({"authorizerReason": "bad_signature"}))]);

        assert!(story.fact.contains("signature"), "{story:?}");
    }

    #[test]
    fn the_last_event_of_a_function_explains_its_answer() {
        let story = tell(&[
            &json!({"message": "login.failed", "function_name": "login", "reason": "wrong_password"}),
            &gateway(401, &json!({"routeKey": "POST /auth/login"})),
            &json!({"type": "platform.report", "record": {"status": "success", "metrics": {"durationMs": 47.2,
                "initDurationMs": 21.0, "maxMemoryUsedMB": 38}}}),
        ]);

        assert!(story.fact.contains("wrong_password"), "{story:?}");
        assert!(
            story.text().contains("lambda  success, 47 ms, started in 21 ms, 38 MB"),
            "{}",
            story.text()
        );
    }

    #[test]
    fn a_request_that_reached_no_function_is_explained_by_its_status() {
        for (status, expected) in [
            (200, "answered"),
            (401, "no Authorization header"),
            (404, "no such route"),
            (429, "exceeded the rate"),
            (503, "no function has answered (INTEGRATION_FAILURE)"),
        ] {
            let story = tell(&[&gateway(status, &json!({"error": "INTEGRATION_FAILURE"}))]);

            assert!(story.fact.contains(expected), "{story:?}");
        }
    }

    #[test]
    fn a_refusal_that_a_function_counts_is_not_the_gateways() {
        for status in [401, 404, 429] {
            let story = tell(&[&gateway(status, &json!({"functionRequestId": "f-1"}))]);

            assert!(story.fact.contains("a function refused"), "{story:?}");
        }
    }

    #[test]
    fn the_count_of_earlier_requests_does_not_explain_this_one() {
        let earlier = json!({"message": "authorizer.denied", "reason": "unknown_key", "authorizer.denied": 7});

        let story = tell(&[&gateway(403, &json!({"authorizerReason": "bad_signature"})), &earlier]);
        let allowed = tell(&[&gateway(200, &json!({"functionRequestId": "f-1"})), &earlier]);

        assert!(story.fact.contains("signature"), "{story:?}");
        assert!(story.text().contains("authorizer.denied=7"), "{}", story.text());
        assert_eq!(allowed.fact, "the request was answered");
    }

    #[test]
    fn a_kept_denial_has_the_error_alone() {
        let story = tell(&[&gateway(403, &json!({"authorizerError": "insufficient_scope"}))]);

        assert!(story.fact.contains("another role or scope"), "{story:?}");
    }

    #[test]
    fn an_old_copy_explains_only_a_failure() {
        let notice = json!({"message": "keys.unread", "cause": "timed out"});
        let theft = json!({"message": "refresh.theft"});
        let fact = |lines: &[&Value]| tell(lines).fact;

        let answered = fact(&[&gateway(200, &json!({"functionRequestId": "f-1"})), &notice]);

        assert_eq!(answered, "the request was answered");
        assert!(fact(&[&gateway(503, &json!({})), &notice]).contains("timed out"));
        assert!(fact(&[&gateway(401, &json!({})), &theft, &notice]).contains("refresh token"));
    }

    #[test]
    fn a_poll_is_no_part_of_a_story() {
        let lines = vec![line(
            AT[0],
            &json!({"message": "authorizer.allowed", "authorizer.allowed": 12}),
        )];

        assert!(Story::of("r", lines).is_none());
        assert!(Story::of("r", Vec::new()).is_none());
    }

    fn tell(lines: &[&Value]) -> Story {
        let lines = lines.iter().zip(AT).map(|(fields, at)| line(at, fields));
        Story::of("r-1", lines.collect()).unwrap()
    }

    fn gateway(status: u16, more: &Value) -> Value {
        let mut entry = json!({
            "requestId": "r-1", "status": status.to_string(), "routeKey": "GET /reports", "responseLatency": "6",
            "ip": "192.0.2.1", "sub": "-", "sid": "-", "error": "-",
        });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    }

    fn line(at: &str, fields: &Value) -> Line {
        Line::read(at.to_owned(), &fields.to_string()).unwrap()
    }
}
