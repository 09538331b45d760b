//! The README, which is short and starts with the commands `cargo dev` and `cargo test`, and the list of endpoints, which
//! is that of the contract.

use crate::{
    contract::{IN_WORDS, operations, token_of},
    derived::{Cell, Row, assert_derived, with_rows},
    markdown::anchor,
    read,
};

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
fn the_endpoints_are_the_operations_of_the_contract() {
    assert_derived("docs/endpoints.md", |text| {
        let rows = operations().into_iter().map(|(key, operation)| {
            let contract = format!("see the [contract]({}#{})", page_of(&key), anchor(&key));
            Row {
                cells: [token_of(operation), "-", &contract]
                    .map(|cell| Cell::AtFirst(cell.to_owned()))
                    .into(),
                name: key,
            }
        });
        with_rows(text, "## All", &rows.collect::<Vec<_>>())
    });
}

#[test]
fn the_pages_of_the_contract_have_a_section_for_every_operation() {
    for (key, _) in operations() {
        page_of(&key);
    }
}

/// Returns the page of the contract with the section of an operation.
fn page_of(key: &str) -> &'static str {
    let found = IN_WORDS.into_iter().find(|page| {
        let page = read(page);
        let mut headings = page
            .lines()
            .filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'));
        // One section may describe all paths with the same start.
        headings.any(|heading| match heading.strip_suffix("...") {
            Some(start) => key.starts_with(start),
            None => key == heading,
        })
    });
    found.unwrap_or_else(|| panic!("{} needs the section ## `{key}`", IN_WORDS.join(" or ")))
}
