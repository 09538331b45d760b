//! The README is short, starts with the two commands, and lists the endpoints of the template, as the contract does.

use std::collections::BTreeSet;

use tests::template;

use crate::{read, rows};

/// The maximum size of the README in bytes, which keeps it short enough to read in full.
const MAX_README: usize = 10 * 1024;

#[test]
fn the_two_commands_come_first() {
    let readme = read("README.md");
    let mut fences = readme.split("```\n").skip(1).step_by(2);

    assert_eq!(fences.next(), Some("cargo dev\n"));
    assert!(readme.contains("\n```\ncargo test\n```\n"));
    assert!(!readme.contains("@@"), "a place that is still to be filled");
}

#[test]
fn the_readme_is_short() {
    let length = read("README.md").len();

    assert!(length <= MAX_README, "{length} bytes");
}

#[test]
fn the_endpoints_are_the_routes_of_the_template() {
    let listed: BTreeSet<String> = rows("README.md", "## Endpoints")
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

    assert_eq!(
        listed,
        routes.iter().map(local::Route::key).collect(),
        "README.md needs one row per route in its table of endpoints"
    );
}

#[test]
fn the_contract_has_a_section_for_every_route() {
    let contract = read("docs/contract.md");
    let headings = contract
        .lines()
        .filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'));
    let headings: Vec<&str> = headings.collect();

    for route in template(&[]).api().unwrap().routes {
        // One section may describe all paths with the same start.
        let described = |heading: &&str| match heading.strip_suffix("...") {
            Some(start) => route.key().starts_with(start),
            None => route.key() == **heading,
        };
        assert!(
            headings.iter().any(described),
            "docs/contract.md needs the section ## `{}`",
            route.key()
        );
    }
}
