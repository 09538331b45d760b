//! The expressions that comments, strings, names and pages must not have, because a native reader stops at them.

use std::{ffi::OsStr, path::Path};

use crate::{files, path, read};

/// This file, which contains the refused expressions.
const THIS: &str = "tests/tests/repository/words.rs";
/// The folders whose files are checked.
const FOLDERS: [&str; 11] = [
    ".cargo",
    ".ci",
    ".github",
    "docs",
    "examples",
    "functions",
    "fuzz/fuzz_targets",
    "fuzz/src",
    "shared",
    "tests",
    "tools",
];
/// The refused expressions, and better ones. Case, punctuation and line breaks do not matter, and the words of a name
/// such as `is_read_anew` count too.
const REFUSED: &[(&str, &str)] = &[
    ("a fault of theirs", "their fault"),
    ("a login of theirs", "their login"),
    ("a text that", "a string that"),
    ("anew", "again"),
    ("are none of the", "are not part of the"),
    ("as good as none", "counts as absent"),
    ("counts as none", "counts as absent"),
    ("has its line each", "has its own line"),
    ("is none of it", "is not part of it"),
    ("is none of the", "is not one of the"),
    ("is no text", "is not a string"),
    ("it shall", "it must"),
    ("more than is bearable", "above the limit"),
    ("must be a text", "must be a string"),
    ("not a text", "not a string"),
    ("one likes", "you need"),
    ("say local", "pass --local"),
    ("shall be seen", "must be visible"),
    ("so it is for everybody", "the same holds for everyone"),
    ("twice running", "twice in a row"),
    ("unless given", "by default"),
    ("unless set", "by default"),
    ("wants more memory", "needs more memory"),
    ("white space around it", "surrounding white space"),
    ("whoever", "anyone who"),
];

#[test]
fn no_file_has_an_expression_that_stops_the_reader() {
    let found: Vec<String> = sources().iter().flat_map(|file| found_in(file, &read(file))).collect();

    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn an_expression_is_found_with_its_line_and_a_better_one() {
    let text = "/// Reads it Anew,\n///\n/// UNLESS\n/// set.\nfn is_read_anew() {}\n";

    let found = found_in("a.rs", text);

    assert_eq!(
        found,
        [
            "a.rs:1: instead of \"anew\", write \"again\"",
            "a.rs:5: instead of \"anew\", write \"again\"",
            "a.rs:3: instead of \"unless set\", write \"by default\"",
        ]
    );
}

#[test]
fn files_of_every_kind_are_checked() {
    let sources = sources();

    for file in [
        "template.yaml",
        "Cargo.toml",
        ".cargo/config.toml",
        ".ci/run",
        "README.md",
        "tests/src/lib.rs",
    ] {
        assert!(sources.iter().any(|source| source == file), "{file}");
    }
}

/// Returns a message for each refused expression in a text.
fn found_in(file: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let mut messages = Vec::new();
    for (refused, better) in REFUSED {
        let expression: Vec<&str> = refused.split(' ').collect();
        for window in words.windows(expression.len()) {
            let is_refused = window
                .iter()
                .map(|(_, word)| word.as_str())
                .eq(expression.iter().copied());
            if let (true, Some((line, _))) = (is_refused, window.first()) {
                messages.push(format!("{file}:{line}: instead of {refused:?}, write {better:?}"));
            }
        }
    }
    messages
}

/// Returns the words of a text in lower case, each with the number of its line.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let parts = line.split(|character: char| !character.is_alphanumeric());
        let parts = parts.filter(|part| !part.is_empty());
        words.extend(parts.map(|part| (number, part.to_lowercase())));
    }
    words
}

/// Returns the files that are checked: those in the root folder and below [`FOLDERS`].
fn sources() -> Vec<String> {
    let entries = std::fs::read_dir(path("")).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let in_root = names.filter(|name| path(name).is_file());
    let below = FOLDERS.iter().flat_map(|folder| files(folder));
    in_root.chain(below).filter(|file| is_checked(file)).collect()
}

/// Returns whether a file has prose that someone wrote here, unlike lock files, licences and test data.
fn is_checked(file: &str) -> bool {
    let is_script = [".ci/", "tests/clients/", "tests/load/"]
        .iter()
        .any(|folder| file.starts_with(folder));
    match Path::new(file).extension().and_then(OsStr::to_str) {
        Some("in" | "md" | "mjs" | "py" | "rs" | "toml" | "yaml" | "yml") => file != THIS,
        None => is_script,
        Some(_) => false,
    }
}
