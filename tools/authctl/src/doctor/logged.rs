//! What the functions logged: how old the authorizers' copies of the feed are, and what failed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;
use crate::{
    arguments::Target,
    logs::{Insights, Line, Logs, Row, Since, rfc3339},
};

/// The age of a copy from which on an authorizer may stop deciding, in seconds (docs/feed.md).
const STALE: f64 = 60.0;
/// How much older than the interval of polls a copy may be: the time of a poll, and a pause in requests.
const SLACK: f64 = 5.0;
/// How long ago a failure counts as one of now.
const RECENT: SignedDuration = SignedDuration::from_mins(15);
/// The event with which an authorizer reports its polls.
const POLL: &str = "authorizer.allowed";

/// What the authorizers reported of their copies.
#[derive(Debug, Default, PartialEq)]
struct Feed {
    /// The age of the oldest copy, in seconds, or `None` if no authorizer reported.
    oldest: Option<f64>,
    /// The time of the slowest poll, in milliseconds.
    slowest: Option<f64>,
}

/// How often something failed, and when last.
#[derive(Debug, Default)]
struct Failed {
    lines: u64,
    last: String,
}

/// The failures, by event, reason and cause.
type Failures = BTreeMap<String, Failed>;

pub(super) async fn examine(target: &Target) -> anyhow::Result<Vec<Finding>> {
    let (feed, failures) = match Logs::of(target).await? {
        Logs::Cloud(insights) => ask(&insights).await?,
        Logs::Local(files) => {
            let (mut feed, mut failures) = (Feed::default(), Failures::new());
            files.visit("24h".parse()?, |line| take(&line, &mut feed, &mut failures))?;
            (feed, failures)
        }
    };
    let poll = target
        .deployment
        .as_ref()
        .and_then(|deployment| deployment.parameter("RevocationPollSeconds"));
    let poll = poll.map_or(Ok(5.0), str::parse)?;
    let mut findings = vec![of_feed(&feed, poll)];
    findings.extend(of_failures(&failures, Timestamp::now()));
    Ok(findings)
}

async fn ask(insights: &Insights) -> anyhow::Result<(Feed, Failures)> {
    let groups = insights.functions();
    let hour: Since = "1h".parse()?;
    let polls = "filter message = \"authorizer.allowed\" | stats max(feed_age_seconds) as oldest, \
                 max(poll_milliseconds) as slowest";
    let polls = insights.ask(&groups, polls, hour).await?;
    let number = |name: &str| polls.iter().find_map(|row| row.get(name)?.parse().ok());
    let feed = Feed {
        oldest: number("oldest"),
        slowest: number("slowest"),
    };
    let failed = "filter level = \"ERROR\" | stats count(*) as lines, max(@timestamp) as last by message, reason, cause \
                  | sort lines desc | limit 20";
    let rows = insights.ask(&groups, failed, "24h".parse()?).await?;
    Ok((feed, rows.iter().filter_map(failure).collect()))
}

fn failure(row: &Row) -> Option<(String, Failed)> {
    let text = |name: &str| row.get(name).map(String::as_str);
    let failed = Failed {
        lines: row.get("lines")?.parse().ok()?,
        last: row.get("last").map(|last| rfc3339(last)).unwrap_or_default(),
    };
    Some((name(text("message")?, text("reason"), text("cause")), failed))
}

/// Takes a line of a local stack into account.
fn take(line: &Line, feed: &mut Feed, failures: &mut Failures) {
    let Some(message) = line.text("message") else { return };
    if message == POLL {
        let metric = |name: &str| line.fields().get(name)?.as_f64();
        feed.oldest = max(feed.oldest, metric("feed_age_seconds"));
        feed.slowest = max(feed.slowest, metric("poll_milliseconds"));
    }
    if line.text("level") == Some("ERROR") {
        let failed = failures
            .entry(name(message, line.text("reason"), line.text("cause")))
            .or_default();
        failed.lines = failed.lines.saturating_add(1);
        failed.last.clone_from(&line.at);
    }
}

fn max(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

fn name(message: &str, reason: Option<&str>, cause: Option<&str>) -> String {
    let details: Vec<_> = [reason, cause].into_iter().flatten().collect();
    if details.is_empty() {
        return message.to_owned();
    }
    format!("{message} ({})", details.join(": "))
}

/// Returns the finding about the feed, with the interval of polls in seconds.
fn of_feed(feed: &Feed, poll: f64) -> Finding {
    const CHECK: &str = "feed";
    if poll == 0.0 {
        return Finding::ok(CHECK, "revocations are not followed (RevocationPollSeconds=0)");
    }
    let Some(oldest) = feed.oldest else {
        return Finding::ok(CHECK, "no authorizer has polled in the last hour: none was asked");
    };
    let slowest = feed.slowest.map_or_else(String::new, |slowest| {
        format!(", and the slowest poll took {slowest:.0} ms")
    });
    let fact = format!("the oldest copy of the last hour was {oldest:.0} s old{slowest}");
    if oldest > STALE {
        Finding::problem(
            CHECK,
            format!("{fact}: authorizers could not read the feed"),
            "docs/alarms-keys.md says what to do about authorizer.feed_unread",
        )
    } else if oldest > poll + SLACK {
        Finding::warning(
            CHECK,
            format!("{fact}: polls were missed, or requests came seldom"),
            "look for authorizer.feed_unread: the saved query `errors`",
        )
    } else {
        Finding::ok(CHECK, fact)
    }
}

fn of_failures(failures: &Failures, now: Timestamp) -> Vec<Finding> {
    const CHECK: &str = "failures";
    if failures.is_empty() {
        return vec![Finding::ok(CHECK, "none in the last 24 hours")];
    }
    let earliest = now.checked_sub(RECENT).unwrap_or(now);
    let each = failures.iter().map(|(name, Failed { lines, last })| {
        let fact = format!("{lines} in 24 hours, last {last}: {name}");
        let advice = "docs/alarms.md says what each means";
        match last.parse::<Timestamp>() {
            Ok(last) if last < earliest => Finding::warning(CHECK, fact, advice),
            Ok(_) | Err(_) => Finding::problem(CHECK, fact, advice),
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{super::finding::State, *};

    #[rstest]
    #[case(Some(5.0), 5.0, State::Ok)]
    #[case(Some(12.0), 5.0, State::Warning)]
    #[case(Some(12.0), 10.0, State::Ok)]
    #[case(Some(61.0), 30.0, State::Problem)]
    #[case(None, 5.0, State::Ok)]
    #[case(Some(61.0), 0.0, State::Ok)]
    fn an_old_copy_of_the_feed_is_found(#[case] oldest: Option<f64>, #[case] poll: f64, #[case] expected: State) {
        let feed = Feed { oldest, slowest: None };

        assert_eq!(of_feed(&feed, poll).state, expected);
    }

    #[test]
    fn a_failure_of_now_is_a_problem_and_an_old_one_a_warning() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let states = |last: &str| {
            let failed = Failed {
                lines: 2,
                last: last.to_owned(),
            };
            let findings = of_failures(&[("request.failed (timed out)".to_owned(), failed)].into(), now);
            findings.iter().map(|finding| finding.state).collect::<Vec<_>>()
        };

        assert_eq!(states("2026-11-25T11:50:00.123Z"), [State::Problem]);
        assert_eq!(states("2026-11-25T09:00:00.123Z"), [State::Warning]);
        assert_eq!(states("unknown"), [State::Problem]);
        assert_eq!(of_failures(&Failures::new(), now).first().unwrap().state, State::Ok);
    }

    #[test]
    fn the_lines_of_a_local_stack_are_counted() {
        let (mut feed, mut failures) = (Feed::default(), Failures::new());
        for fields in [
            json!({"message": "authorizer.allowed", "level": "INFO", "feed_age_seconds": 5, "poll_milliseconds": 4}),
            json!({"message": "authorizer.allowed", "level": "INFO", "feed_age_seconds": 7, "poll_milliseconds": 3}),
            json!({"message": "request.failed", "level": "ERROR", "reason": "server_error", "cause": "x"}),
            json!({"message": "request.failed", "level": "ERROR", "reason": "server_error", "cause": "x"}),
            json!({"message": "logout", "level": "INFO"}),
        ] {
            take(&line(&fields), &mut feed, &mut failures);
        }

        assert_eq!((feed.oldest, feed.slowest), (Some(7.0), Some(4.0)));
        let counted: Vec<_> = failures
            .iter()
            .map(|(name, failed)| (name.as_str(), failed.lines))
            .collect();
        assert_eq!(counted, [("request.failed (server_error: x)", 2)]);
    }

    fn line(fields: &Value) -> Line {
        Line::read("2026-11-25T12:00:00Z".to_owned(), &fields.to_string()).unwrap()
    }
}
