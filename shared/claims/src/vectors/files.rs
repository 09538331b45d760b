//! Reading the files of test vectors from the folder that the environment variable `VECTORS_DIR` names.

use std::{fs, io::Write as _, path::PathBuf};

use serde_json::Value;

/// The files that have no public source.
const PRIVATE: [&str; 2] = ["wycheproof/verdicts", "rfc_examples/rfc_jws_examples"];

/// Reads the files with these names. Returns `None` if `VECTORS_DIR` is not set, or if a file without a public source
/// is missing. Every other file must be readable.
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

/// Writes a line directly to standard error, because the test harness hides the output of tests that pass.
fn report(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
