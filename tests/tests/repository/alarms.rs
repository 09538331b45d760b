//! The alarms of the template: each has a runbook, tells the topic, and watches a metric that exists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::template;

use crate::{logged, markdown::anchor, read, rows};

/// The topic of these tests.
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alarms";
/// The parameters that make every alarm.
const EVERYTHING: [(&str, &str); 5] = [
    ("AlarmTopic", TOPIC),
    ("MailVia", "event"),
    ("MailFrom", "login@example.com"),
    ("DeletionDays", "14"),
    ("EventBus", "default"),
];
/// AWS's own metrics that alarms watch, each with its dimensions.
const OF_AWS: [(&str, &str, &[&str]); 6] = [
    ("AWS/ApiGateway", "5xx", &["ApiId"]),
    ("AWS/Lambda", "Errors", &["FunctionName"]),
    ("AWS/Lambda", "Errors", &["FunctionName", "Resource", "ExecutedVersion"]),
    (
        "AWS/Lambda",
        "Invocations",
        &["FunctionName", "Resource", "ExecutedVersion"],
    ),
    ("AWS/Lambda", "Throttles", &["FunctionName"]),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &["QueueName"]),
];
/// The alarms that exist without a topic, because they guard an update or a queue.
const WITHOUT_A_TOPIC: [&str; 4] = [
    "AuthorizerFailsAlarm",
    "AuthorizerUndecidedAlarm",
    "EventFailuresAlarm",
    "MailFailuresAlarm",
];
/// The maximum length of a description.
const LONGEST_DESCRIPTION: usize = 1024;
/// The seconds of an hour, a day and a week.
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

#[test]
fn every_alarm_has_a_runbook_that_names_it() {
    for (id, alarm) in alarms(&EVERYTHING) {
        let description = alarm["AlarmDescription"].as_str().unwrap();
        assert!(description.len() <= LONGEST_DESCRIPTION, "{id}");
        let (_, link) = description
            .split_once(" Runbook: ")
            .unwrap_or_else(|| panic!("{id} links no runbook"));
        let (page, wanted) = link.split_once('#').unwrap_or_else(|| panic!("{id}: {link}"));
        let section = section(page, wanted).unwrap_or_else(|| panic!("{id}: {page} has no section #{wanted}"));
        assert!(section.contains(&id), "{link} does not name {id}");
    }
}

#[test]
fn every_alarm_tells_the_topic_if_there_is_one() {
    for (id, alarm) in alarms(&EVERYTHING) {
        assert_eq!(alarm["AlarmActions"], json!([TOPIC]), "{id}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}");
    }

    let without = alarms(&EVERYTHING[1..]);

    assert_eq!(without.keys().collect::<Vec<_>>(), WITHOUT_A_TOPIC);
    assert!(without.values().all(|alarm| alarm.get("AlarmActions").is_none()));
}

#[test]
fn every_metric_is_one_that_functions_write_or_aws_has() {
    let (events, template) = (logged::events(), template(&EVERYTHING));
    let functions = template.functions().unwrap();
    let service = &functions["LoginFunction"].variables["SERVICE_NAME"];
    for (id, alarm) in alarms(&EVERYTHING) {
        for metric in metrics(&alarm) {
            let (namespace, name) = (
                metric["Namespace"].as_str().unwrap(),
                metric["MetricName"].as_str().unwrap(),
            );
            let dimensions: Vec<(&str, &str)> = metric["Dimensions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| (one["Name"].as_str().unwrap(), one["Value"].as_str().unwrap()))
                .collect();
            if namespace == "Gatehouse" {
                assert!(events.contains(name), "{id}: no event is named {name}");
                assert_eq!(dimensions, [("service", service.as_str())], "{id}");
                continue;
            }
            let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
            assert!(
                OF_AWS.contains(&(namespace, name, &names)),
                "{id}: {namespace} {name} {names:?}"
            );
            for (_, value) in dimensions.iter().filter(|(name, _)| *name == "FunctionName") {
                assert!(functions.contains_key(*value), "{id}: {value} is no function");
            }
        }
    }
}

/// These are the limits of `PutMetricAlarm`.
#[test]
fn no_alarm_looks_further_back_than_cloudwatch_allows() {
    for (id, alarm) in alarms(&EVERYTHING) {
        let Some(period) = alarm["Period"].as_u64() else {
            assert!(alarm["Metrics"].is_array(), "{id}");
            continue;
        };
        let range = period * alarm["EvaluationPeriods"].as_u64().unwrap();
        assert!(range <= if period < HOUR { DAY } else { WEEK }, "{id}: {range} s");
        let points = alarm["DatapointsToAlarm"].as_u64();
        assert!(
            points.is_none_or(|points| Some(points) <= alarm["EvaluationPeriods"].as_u64()),
            "{id}"
        );
    }
}

#[test]
fn the_page_lists_every_alarm_with_what_it_watches() {
    let rows: Vec<[String; 3]> = rows("docs/alarms.md", "## All alarms");
    let alarms = alarms(&EVERYTHING);
    let events = logged::events();

    let listed: BTreeSet<String> = rows
        .iter()
        .flat_map(|[names, ..]| names.split(", ").map(|name| name.replace('`', "")).collect::<Vec<_>>())
        .collect();

    assert_eq!(listed, alarms.keys().cloned().collect());
    for [names, when, _] in &rows {
        let id = names.split('`').nth(1).unwrap();
        let watched = metrics(&alarms[id])
            .into_iter()
            .filter_map(|metric| metric["MetricName"].as_str());
        for name in watched.filter(|name| events.contains(*name)) {
            assert!(
                when.contains(&format!("`{name}`")),
                "the row of {id} does not name {name}"
            );
        }
    }
}

/// Returns the alarms by their logical ids.
fn alarms(parameters: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let template = template(parameters);
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    alarms
        .map(|(id, properties)| (id.clone(), properties.clone()))
        .collect()
}

/// Returns the metrics of an alarm: itself, or those of its expression.
fn metrics(alarm: &Value) -> Vec<&Value> {
    match alarm["Metrics"].as_array() {
        None => vec![alarm],
        Some(parts) => parts
            .iter()
            .filter_map(|part| part.pointer("/MetricStat/Metric"))
            .collect(),
    }
}

/// Returns the section of a page with this anchor.
fn section(page: &str, wanted: &str) -> Option<String> {
    let text = read(page);
    let mut sections = text.split("\n## ").skip(1);
    let found = sections.find(|section| anchor(section.lines().next().unwrap_or_default()) == wanted);
    found.map(str::to_owned)
}
