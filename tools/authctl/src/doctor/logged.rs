//! What the functions logged: how old the authorizers' copies of the feed are, and what failed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;
use crate::{
    arguments::Target,
    clock::system_time,
    logs::{Insights, Line, Logs, Row, Since, rfc3339},
};

/// The age of a copy from which on an authorizer may stop deciding, in seconds (docs/feed.md).
const STALE: f64 = 60.0;
/// How long ago a failure counts as one of now.
const RECENT: SignedDuration = SignedDuration::from_mins(15);
/// The event with which an authorizer reports its polls.
const POLL: &str = "authorizer.allowed";

/// What the authorizers reported of their polls.
#[derive(Debug, Default, PartialEq)]
struct Feed {
    /// The age of the oldest copy after a poll, in seconds. It is 0 after a poll that succeeded. It is `None` if no
    /// authorizer has a complete copy, or none polled.
    oldest: Option<f64>,
    /// The time of the slowest poll, in milliseconds, or `None` if no authorizer polled.
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
            files.visit("1h".parse()?, |line| take_poll(&line, &mut feed))?;
            files.visit("24h".parse()?, |line| take_failure(&line, &mut failures))?;
            (feed, failures)
        }
    };
    let poll = target
        .deployment
        .as_ref()
        .and_then(|deployment| deployment.parameter("RevocationPollSeconds"));
    let poll = poll.map_or(Ok(5), str::parse)?;
    let mut findings = vec![of_feed(&feed, poll)];
    findings.extend(of_failures(&failures, Timestamp::try_from(system_time())?));
    Ok(findings)
}

async fn ask(insights: &Insights) -> anyhow::Result<(Feed, Failures)> {
    let groups = insights.functions();
    let hour: Since = "1h".parse()?;
    let polls = format!(
        "filter message = \"{POLL}\" | stats max(feed_age_seconds) as oldest, max(poll_milliseconds) as slowest"
    );
    let polls = insights.ask(&groups, &polls, hour).await?;
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

/// Takes a line of a local stack into account, if it is about a poll.
fn take_poll(line: &Line, feed: &mut Feed) {
    if line.text("message") == Some(POLL) {
        let metric = |name: &str| line.fields().get(name)?.as_f64();
        feed.oldest = max(feed.oldest, metric("feed_age_seconds"));
        feed.slowest = max(feed.slowest, metric("poll_milliseconds"));
    }
}

/// Takes a line of a local stack into account, if it is about a failure.
fn take_failure(line: &Line, failures: &mut Failures) {
    if let (Some(message), Some("ERROR")) = (line.text("message"), line.text("level")) {
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
fn of_feed(feed: &Feed, poll: u64) -> Finding {
    const CHECK: &str = "feed";
    const LOOK: &str = "look for authorizer.feed_unread with the saved query `keys`: docs/alarms-api.md";
    if poll == 0 {
        return Finding::ok(CHECK, "revocations are not followed (RevocationPollSeconds=0)");
    }
    let Some(slowest) = feed.slowest else {
        return Finding::ok(CHECK, "no authorizer has polled in the last hour: none was asked");
    };
    match feed.oldest {
        None => Finding::problem(CHECK, "no authorizer has a complete copy: they answer 500", LOOK),
        Some(oldest) if oldest > STALE => Finding::problem(
            CHECK,
            format!("polls failed in the last hour, and a copy was {oldest:.0} s old"),
            LOOK,
        ),
        Some(oldest) if oldest > 0.0 => Finding::warning(
            CHECK,
            format!("a poll failed in the last hour, and the copy was {oldest:.0} s old"),
            LOOK,
        ),
        Some(_) => Finding::ok(
            CHECK,
            format!("all polls of the last hour succeeded; the slowest took {slowest:.0} ms"),
        ),
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
        let advice = "see docs/alarms.md";
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
    #[case::all_polls_succeed(Some(0.0), Some(11.0), 5, State::Ok)]
    #[case::one_failed(Some(5.0), Some(11.0), 5, State::Warning)]
    #[case::many_failed(Some(61.0), Some(700.0), 30, State::Problem)]
    #[case::no_copy_at_all(None, Some(700.0), 5, State::Problem)]
    #[case::nobody_asked(None, None, 5, State::Ok)]
    #[case::not_followed(Some(61.0), Some(11.0), 0, State::Ok)]
    fn polls_that_fail_are_found(
        #[case] oldest: Option<f64>,
        #[case] slowest: Option<f64>,
        #[case] poll: u64,
        #[case] expected: State,
    ) {
        assert_eq!(of_feed(&Feed { oldest, slowest }, poll).state, expected);
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
            take_poll(&line(&fields), &mut feed);
            take_failure(&line(&fields), &mut failures);
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
