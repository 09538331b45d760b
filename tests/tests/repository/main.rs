//! These tests check that the files of the repository agree with each other.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "an unexpected file fails the test that reads it"
)]

mod alarms;
mod arrows;
mod contract;
mod costs;
mod dashboard;
mod derived;
mod docs;
mod examples;
mod functions;
mod layers;
mod linked;
mod logged;
mod markdown;
mod queries;
mod readme;
mod suites;
mod tables;
mod template;
mod words;

use std::path::{Path, PathBuf};

/// Returns the path of a file or folder of the repository.
fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// Reads a file of the repository.
fn read(relative: &str) -> String {
    std::fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// Reads a TOML file of the repository.
fn toml(relative: &str) -> toml::Table {
    read(relative)
        .parse()
        .unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// Returns the folders in a folder of the repository, sorted.
fn folders(relative: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(relative)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Returns all files below a folder of the repository, sorted, without packages of npm and what is built from them.
fn files(relative: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(relative)).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for entry in entries {
        let name = format!("{relative}/{}", entry.file_name().to_string_lossy());
        if name.ends_with("/node_modules") || name.ends_with("/dist") {
            continue;
        }
        if entry.path().is_dir() {
            found.extend(files(&name));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

/// Returns the rows of the first table under a heading of a Markdown file, without the table's head.
fn rows<const COLUMNS: usize>(file: &str, heading: &str) -> Vec<[String; COLUMNS]> {
    let text = read(file);
    let (_, section) = text
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("{file} has no {heading}"));
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
