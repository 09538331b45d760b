//! The test data of other projects.

use std::{io::Write as _, path::PathBuf};

/// Returns the folder with the test data of other projects, which the variable `VECTORS_DIR` names. If the variable is
/// not set, prints that the test is skipped, and returns `None`.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the place of the data depends on the machine")]
pub fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("VECTORS_DIR").map(PathBuf::from);
    if folder.is_none() {
        // Written directly, because the test harness hides the output of a test that passes.
        let message = b"SKIPPED: VECTORS_DIR is not set, so the test data of other projects is not used\n";
        std::io::stderr().write_all(message).unwrap();
    }
    folder
}
