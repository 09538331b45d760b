//! Which crates each function links. A linked crate costs start time, and may have faults, so a commit that links a new
//! crate also changes the list.

use std::{collections::BTreeMap, process::Command};

use crate::{derived::assert_derived, folders, path};

/// The list: a crate on each line, and the functions that link it.
const LIST: &str = "tests/tests/repository/linked.txt";

#[test]
fn a_function_links_only_listed_crates() {
    let functions = folders("functions");
    let mut linked: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for function in &functions {
        for name in crates_of(function) {
            linked.entry(name).or_default().push(function);
        }
    }
    let lines = linked.into_iter().map(|(name, by)| {
        let by = if by.len() == functions.len() {
            "all".to_owned()
        } else {
            by.join(" ")
        };
        format!("{name}: {by}\n")
    });
    assert_derived(LIST, |_| lines.collect());
}

/// Returns the crates that a function links, without the function's own crate and without procedural macros.
fn crates_of(function: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal,no-proc-macro"])
        .args([
            "--target",
            "x86_64-unknown-linux-gnu",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(["--package", function])
        .current_dir(path("."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names = tree.lines().skip(1).filter_map(|line| line.split(' ').next());
    let mut names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}
