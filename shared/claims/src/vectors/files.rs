//! The files of vectors, whose folder is configured.

use std::{fs, io::Write as _, path::PathBuf};

use serde_json::Value;

/// The files that have no public source.
const PRIVATE: [&str; 2] = ["wycheproof/verdicts", "rfc_examples/rfc_jws_examples"];

/// Reads files of vectors. Returns `None` if their place is not configured, or one without a public source is missing.
/// All others must be readable.
#[expect(
    clippy::disallowed_methods,
    reason = "the place of the vectors depends on the machine"
)]
pub(super) fn vectors<const N: usize>(names: [&str; N]) -> Option<[Value; N]> {
    let Some(folder) = std::env::var_os("VECTORS_DIR").map(PathBuf::from) else {
        report("SKIPPED: VECTORS_DIR is not set, so the vectors collected by others are not tried");
        return None;
    };
    let path = |name: &str| folder.join(name).with_extension("json");
    if let Some(missing) = names.iter().find(|name| PRIVATE.contains(name) && !path(name).exists()) {
        report(&format!(
            "LEFT OUT: {missing}.json has no public source and is not in VECTORS_DIR"
        ));
        return None;
    }
    Some(names.map(|name| serde_json::from_slice(&fs::read(path(name)).unwrap()).unwrap()))
}

/// Prints a line past the test harness, which captures the output of a test that passes.
fn report(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
