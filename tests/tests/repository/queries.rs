//! The saved queries of the template: each names only fields and events that its logs have.

use std::collections::BTreeSet;

use tests::template;

use crate::{
    logged::{self, GROUP_OF_THE_GATEWAY},
    read,
};

/// The parameters that make every log group.
const EVERYTHING: [(&str, &str); 4] = [
    ("MailVia", "event"),
    ("Pages", "on"),
    ("DeletionDays", "14"),
    ("EventBus", "default"),
];
/// The words of the language that name no field, without functions, which a parenthesis follows.
const WORDS: [&str; 12] = [
    "and", "as", "asc", "by", "desc", "fields", "filter", "in", "limit", "or", "sort", "stats",
];
/// The values in queries that are no events: one of Lambda's, one of a level, and those that a person replaces.
const VALUES: [&str; 4] = ["platform.report", "ERROR", "REQUEST-ID", "WHO"];
/// The maximum number of log groups of a query.
const MOST_GROUPS: usize = 50;

#[test]
fn every_field_of_a_query_is_one_of_its_logs() {
    for query in queries() {
        let is_of_the_gateway = |group: &String| group == GROUP_OF_THE_GATEWAY;
        let mut known: BTreeSet<String> = logged::SYSTEM.map(str::to_owned).into();
        if query.groups.iter().any(is_of_the_gateway) {
            known.extend(logged::fields_of_the_gateway());
        }
        if !query.groups.iter().all(is_of_the_gateway) {
            known.extend(logged::fields());
            known.extend(logged::events());
            known.extend(logged::OF_LAMBDA.map(str::to_owned));
        }

        let unknown: Vec<&String> = query.fields.difference(&known).collect();

        assert!(!query.fields.is_empty(), "{}", query.name);
        assert!(unknown.is_empty(), "{}: {unknown:?}", query.name);
    }
}

#[test]
fn every_value_in_a_query_is_an_event_or_a_known_one() {
    let events = logged::events();
    for query in queries() {
        for value in &query.values {
            let is_known = events.contains(value) || VALUES.contains(&value.as_str());
            assert!(is_known, "{}: {value}", query.name);
        }
    }
}

#[test]
fn a_query_over_all_functions_leaves_none_out() {
    let template = template(&EVERYTHING);
    let groups = logged::groups_of_functions(&template);
    for query in queries() {
        assert!(query.groups.len() <= MOST_GROUPS, "{}", query.name);
        let (others, functions): (BTreeSet<String>, BTreeSet<String>) =
            query.groups.into_iter().partition(|group| !groups.contains(group));
        for other in others {
            assert!(template.resource(&other).is_some(), "{}: {other}", query.name);
        }
        // A smaller number is a choice.
        if functions.len() > groups.len() / 2 {
            assert_eq!(functions, groups, "{}", query.name);
        }
    }
}

#[test]
fn the_page_about_queries_names_each() {
    let page = read("docs/queries.md");
    for query in queries() {
        assert!(
            page.contains(&format!("`{}`", query.name)),
            "docs/queries.md lacks `{}`",
            query.name
        );
    }
}

#[test]
fn fields_aliases_functions_and_values_are_told_apart() {
    let (fields, values) =
        parse("# a b\nfilter c.d in [\"e f\"]\n| stats sum(g * h / 2) as i, pct(j, 99) as k by l, bin(5m)\n| sort k");

    assert_eq!(fields, ["c.d", "g", "h", "j", "l"].map(str::to_owned).into());
    assert_eq!(values, ["e f".to_owned()].into());
}

/// A saved query.
struct Query {
    name: String,
    groups: Vec<String>,
    fields: BTreeSet<String>,
    values: BTreeSet<String>,
}

fn queries() -> Vec<Query> {
    let template = template(&EVERYTHING);
    let queries = template.of_type("AWS::Logs::QueryDefinition").map(|(_, properties)| {
        let (_, name) = properties["Name"].as_str().unwrap().split_once('/').unwrap();
        let (fields, values) = parse(properties["QueryString"].as_str().unwrap());
        let groups = properties["LogGroupNames"].as_array().unwrap();
        Query {
            name: name.to_owned(),
            groups: groups.iter().map(|group| group.as_str().unwrap().to_owned()).collect(),
            fields,
            values,
        }
    });
    let queries: Vec<Query> = queries.collect();
    assert!(!queries.is_empty());
    queries
}

/// Returns the fields and the values that a query names.
pub(crate) fn parse(query: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let lines = query.lines().filter(|line| !line.trim_start().starts_with('#'));
    let text = lines.collect::<Vec<_>>().join("\n");
    let values = text.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let code: String = text.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let is_part = |character: char| character.is_alphanumeric() || "_@.".contains(character);
    let (mut fields, mut aliases) = (BTreeSet::new(), BTreeSet::new());
    let (mut before, mut rest) = ("", code.as_str());
    while let Some(start) = rest.find(is_part) {
        rest = rest.get(start..).unwrap_or_default();
        let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_number = word.starts_with(|first: char| first.is_ascii_digit());
        if before == "as" {
            aliases.insert(word.to_owned());
        } else if !is_number && !after.starts_with('(') && !WORDS.contains(&word) {
            fields.insert(word.to_owned());
        }
        (before, rest) = (word, after);
    }
    (fields.difference(&aliases).cloned().collect(), values)
}
