//! The check of advice: it may only name commands and pages that there are.

use std::path::Path;

use crate::arguments::Arguments;

/// The root of the sources.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Fails if advice names a page, a file or a command that does not exist.
pub(crate) fn check(all: &[impl AsRef<str>]) {
    for advice in all.iter().map(AsRef::as_ref) {
        for word in advice.split([' ', ',', ';', ':', '`', '(', ')']) {
            // What follows the colon of a URL begins with two slashes.
            let is_file = Path::new(word).extension().is_some() && word.contains('/') && !word.starts_with("//");
            if is_file {
                assert!(Path::new(ROOT).join(word).exists(), "{advice}: no {word}");
            }
        }
        for command in advice.split('`').filter_map(|part| part.strip_prefix("authctl ")) {
            check_command(command);
        }
    }
}

fn check_command(command: &str) {
    let definition = Arguments::definition();
    let mut found = &definition;
    for word in command.split(' ') {
        if !found.has_subcommands() {
            return;
        }
        let next = found.find_subcommand(word);
        assert!(next.is_some(), "there is no command `authctl {command}`");
        found = next.unwrap_or(found);
    }
}
