//! The repository itself: what its files promise each other.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a file that is not as expected fails the test that reads it"
)]

mod layers;
mod readme;
mod template;

use std::path::{Path, PathBuf};

/// A file or folder of the repository.
fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// The text of a file of the repository.
fn read(relative: &str) -> String {
    std::fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// A TOML file of the repository.
fn toml(relative: &str) -> toml::Table {
    read(relative)
        .parse()
        .unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// The folders in a folder of the repository, sorted.
fn folders(relative: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(relative)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
