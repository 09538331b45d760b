//! The tables in `docs/` that list what the template and the code declare.

use std::collections::BTreeMap;

use claims::{AccessClaims, UserClaims};
use runtime::Event;
use tests::{Parameter, parameters, variables};

use crate::{
    derived::{Cell, Row, assert_derived, with_rows},
    rows,
};

/// The variables that every function reads. The globals of the template set them, or nothing does.
const OF_ALL: [&str; 3] = ["SERVICE_NAME", "METRICS_NAMESPACE", "LOG_ADDRESSES"];
/// The pages that list the parameters.
const PAGES_OF_PARAMETERS: [&str; 3] = [
    "docs/parameters.md",
    "docs/parameters-mail.md",
    "docs/parameters-operation.md",
];
/// The maximum number of values, besides the default, that a table lists for a parameter.
const MAX_LISTED: usize = 4;

#[test]
fn the_table_of_variables_is_that_of_the_template() {
    assert_derived("docs/configuration.md", |text| {
        let listed: Vec<[String; 4]> = rows("docs/configuration.md", "## Variables");
        let kept = OF_ALL.iter().map(|name| Row {
            name: (*name).to_owned(),
            cells: listed
                .iter()
                .find(|[variable, ..]| variable.trim_matches('`') == *name)
                .unwrap_or_else(|| panic!("no row for {name}"))[1..]
                .iter()
                .cloned()
                .map(Cell::AtFirst)
                .collect(),
        });
        let given = variables().into_iter().map(|variable| {
            let parameter = variable.parameter.as_ref();
            Row {
                name: variable.name,
                cells: vec![
                    Cell::Exactly(parameter.map_or_else(|| "required".to_owned(), default_and_range)),
                    Cell::Exactly(
                        variable
                            .functions
                            .join(" ")
                            .replace("mailer-ses mailer-event", "mailers")
                            .replace(
                                "password register reset address mailers delete-account keep-account",
                                "accounts mailers",
                            )
                            .replace(
                                "password register reset address delete-account keep-account",
                                "accounts",
                            ),
                    ),
                    Cell::AtFirst(parameter.map_or_else(String::new, meaning)),
                ],
            }
        });
        with_rows(text, "## Variables", &given.chain(kept).collect::<Vec<_>>())
    });
}

/// A new parameter is listed on the page of the parameter before it, until someone moves its row.
#[test]
fn the_tables_of_parameters_are_those_of_the_template() {
    let listed = PAGES_OF_PARAMETERS.map(|page| {
        let rows: Vec<[String; 3]> = rows(page, "## Parameters");
        let names: Vec<String> = rows.into_iter().map(|[name, ..]| name.replace('`', "")).collect();
        (page, names)
    });
    let mut wanted: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    let mut page = PAGES_OF_PARAMETERS[0];
    for parameter in parameters() {
        let lists = |(_, names): &&(&str, Vec<String>)| names.contains(&parameter.name);
        let pages: Vec<&str> = listed.iter().filter(lists).map(|(page, _)| *page).collect();
        assert!(pages.len() <= 1, "{} is on {pages:?}", parameter.name);
        page = pages.first().copied().unwrap_or(page);
        wanted.entry(page).or_default().push(Row {
            cells: vec![
                Cell::Exactly(default_and_range(&parameter)),
                Cell::AtFirst(meaning(&parameter)),
            ],
            name: parameter.name,
        });
    }

    for (page, rows) in wanted {
        assert_derived(page, |text| with_rows(text, "## Parameters", &rows));
    }
}

#[test]
fn the_table_of_events_has_every_event() {
    let (of_operators, of_functions): (Vec<Event>, Vec<Event>) = Event::ALL
        .iter()
        .partition(|event| event.as_str().starts_with("operator."));
    for (page, events) in [
        ("docs/log-events.md", of_functions),
        ("docs/operators-log.md", of_operators),
    ] {
        assert_derived(page, |text| {
            let rows = events.iter().map(|event| Row {
                name: event.as_str().to_owned(),
                cells: vec![Cell::AtFirst(sentence(event.meaning())), Cell::AtFirst(String::new())],
            });
            with_rows(text, "## Events", &rows.collect::<Vec<_>>())
        });
    }
}

#[test]
fn the_claims_of_an_access_token_are_listed() {
    assert_derived("docs/tokens.md", |text| {
        let registered = ["iss", "aud", "sub", "iat", "exp", "jti"];
        let text = with_part(
            text,
            "| claims | `",
            "`",
            &[&registered, AccessClaims::NAMES].concat().join(" "),
        );
        let limit = UserClaims::MAX_LENGTH.to_string();
        with_part(&text, "custom claims have at most ", " bytes", &limit)
    });
    let explained: Vec<[String; 2]> = rows("docs/tokens.md", "## Claims");
    for name in AccessClaims::NAMES {
        let name = format!("`{name}`");
        assert!(
            explained.iter().any(|[claims, _]| claims.contains(&name)),
            "docs/tokens.md needs a row for {name}"
        );
    }
}

#[test]
fn the_claims_that_the_authorizer_passes_on_are_listed() {
    assert_derived("docs/authorizer.md", |text| {
        let mut names = [&["sub", "jti", "exp"], AccessClaims::NAMES].concat();
        names.retain(|name| *name != "epoch");
        with_part(text, "custom claims as JSON text:\n`", "`", &names.join(" "))
    });
}

/// Replaces the part of a text between `start` and the next `end`.
fn with_part(text: &str, start: &str, end: &str, part: &str) -> String {
    let (before, after) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("nothing is after {start:?}"));
    let (_, rest) = after
        .split_once(end)
        .unwrap_or_else(|| panic!("no {end:?} is after {start:?}"));
    [before, start, part, end, rest].concat()
}

/// Returns a parameter's default, followed by its range or by its other permitted values if there are only a few.
/// Returns `empty` if the default is empty, and `required` if there is no default.
fn default_and_range(parameter: &Parameter) -> String {
    let default = match parameter.default.as_deref() {
        None => return "required".to_owned(),
        Some("") => return "empty".to_owned(),
        Some(default) => default,
    };
    if let Some((minimum, maximum)) = parameter.range {
        return format!("{default}; {minimum} to {maximum}");
    }
    let others = parameter.allowed.iter().filter(|value| *value != default);
    let others: Vec<String> = others.map(|value| format!("`{value}`")).collect();
    match others.split_last() {
        None => format!("`{default}`"),
        Some(_) if others.len() > MAX_LISTED => default.to_owned(),
        Some((last, [])) => format!("`{default}`; or {last}"),
        Some((last, others)) => format!("`{default}`; {} or {last}", others.join(", ")),
    }
}

fn meaning(parameter: &Parameter) -> String {
    sentence(&parameter.description)
}

/// Returns a sentence in the form of the tables: without the capital letter and the full stop.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(rest).collect()
}
