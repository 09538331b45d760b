//! The examples with a page, which contain the client for browsers and can be copied.

use std::collections::BTreeSet;

use crate::{derived::assert_derived, files, folders, path, read};

/// The folder of the client.
const CLIENT: &str = "clients/browser";

#[test]
fn every_copy_of_the_client_is_that_of_its_folder() {
    for name in pages() {
        for file in ["auth.js", "auth.d.ts"] {
            let copy = copy_of(file, &name);
            assert_derived(&copy, |_| read(&format!("{CLIENT}/{file}")));
        }
    }
}

#[test]
fn every_example_with_a_page_is_complete_and_listed() {
    let list = read("examples/README.md");

    for name in pages() {
        for file in ["README.md", "package-lock.json"] {
            let file = format!("examples/{name}/{file}");
            assert!(path(&file).exists(), "{file}");
        }
        assert!(
            list.contains(&format!("]({name}/README.md)")),
            "{name} is not in examples/README.md"
        );
    }
}

#[test]
fn every_package_of_an_example_has_an_exact_version() {
    for name in pages() {
        let package: serde_json::Value = serde_json::from_str(&read(&format!("examples/{name}/package.json"))).unwrap();
        for kind in ["dependencies", "devDependencies"] {
            for (dependency, version) in package[kind].as_object().into_iter().flatten() {
                let version = version.as_str().unwrap();
                let is_exact = version
                    .chars()
                    .all(|character| character.is_ascii_digit() || character == '.');
                assert!(is_exact, "{name}: {dependency} {version}");
            }
        }
    }
}

#[test]
fn the_tests_run_every_example_with_a_page() {
    let test = read("examples/test/run.js");
    let (_, list) = test.split_once("const PAGES = {").unwrap();
    let (list, _) = list.split_once('}').unwrap();

    let tested: BTreeSet<String> = list
        .split(',')
        .filter_map(|entry| Some(entry.split_once(':')?.0.trim().to_owned()))
        .collect();

    assert_eq!(tested, pages().into_iter().collect());
}

/// Returns the names of the examples with a page.
fn pages() -> Vec<String> {
    let mut names = folders("examples");
    names.retain(|name| path(&format!("examples/{name}/index.html")).exists());
    names
}

/// Returns where an example has its copy of one of the client's files.
fn copy_of(file: &str, example: &str) -> String {
    let folder = format!("examples/{example}");
    let found = files(&folder)
        .into_iter()
        .find(|found| found.ends_with(&format!("/{file}")));
    found.unwrap_or_else(|| panic!("{folder} has no {file}"))
}
