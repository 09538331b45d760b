//! What the README says of what stands elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use api::ErrorCode;
use runtime::Event;
use tests::template;

use crate::{path, read};

/// The variables that are of no function in particular.
const OF_ALL: [&str; 2] = ["SERVICE_NAME", "METRICS_NAMESPACE"];

#[test]
fn its_two_commands_come_first() {
    let readme = read("README.md");
    let mut fences = readme.split("```\n").skip(1).step_by(2);

    assert_eq!(fences.next(), Some("cargo dev\n"));
    assert!(readme.contains("\n```\ncargo test\n```\n"));
    assert!(!readme.contains("@@"), "a place that is still to be filled");
}

#[test]
fn its_table_of_variables_is_the_template_s() {
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for [variable, _, functions, _] in rows("## Configuration") {
        // A secret may come from a variable or from a file that another one names.
        let variable = variable
            .split(',')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('`')
            .to_owned();
        if !OF_ALL.contains(&variable.as_str()) {
            told.insert(variable, functions.split_whitespace().map(str::to_owned).collect());
        }
    }

    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for function in template(&[]).functions().unwrap().into_values() {
        for variable in function.variables.into_keys() {
            if !OF_ALL.contains(&variable.as_str()) {
                given.entry(variable).or_default().insert(function.name.clone());
            }
        }
    }

    assert_eq!(told, given);
}

#[test]
fn its_endpoints_are_the_template_s_routes() {
    let told: BTreeSet<String> = rows("## Endpoints")
        .into_iter()
        .flat_map(|[endpoints, ..]: [String; 4]| {
            let endpoints = endpoints.replace('`', "");
            let (method, paths) = endpoints.split_once(' ').unwrap();
            paths
                .split(", ")
                .map(|path| format!("{method} {path}"))
                .collect::<Vec<_>>()
        })
        .collect();

    let routes = template(&[]).api().unwrap().routes;

    assert_eq!(told, routes.iter().map(local::Route::key).collect());
}

#[test]
fn it_names_every_error_code() {
    let readme = read("README.md");

    for code in ErrorCode::ALL {
        let code = code.as_str();
        assert!(readme.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn it_names_every_audit_event() {
    let readme = read("README.md");
    let logs = std::fs::read_to_string(path("docs/logs.md")).unwrap_or_default();
    let told: BTreeSet<String> = [readme, logs].iter().flat_map(|text| names(text)).collect();

    for event in Event::ALL {
        assert!(told.contains(event.as_str()), "{}", event.as_str());
    }
}

/// Every name in the text; `login.failed|throttled` are two.
fn names(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let each = quoted.flat_map(|names| {
        let (topic, _) = names.split_once('.').unwrap_or_default();
        let names = names.split('|').enumerate();
        names.map(move |(place, name)| match place {
            0 => name.to_owned(),
            _ => format!("{topic}.{name}"),
        })
    });
    each.collect()
}

/// The rows of the first table under a heading, without its head.
fn rows<const COLUMNS: usize>(heading: &str) -> Vec<[String; COLUMNS]> {
    let readme = read("README.md");
    let (_, section) = readme.split_once(&format!("\n{heading}\n")).unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with('|'));
    table
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let line = line.replace("\\|", "/");
            let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
            let cells: Vec<String> = cells.collect();
            cells
                .try_into()
                .unwrap_or_else(|cells| panic!("{COLUMNS} columns wanted: {cells:?}"))
        })
        .collect()
}
