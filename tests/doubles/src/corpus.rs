//! The fuzzer's corpus: the inputs with which it starts, and those that it has found.

use std::{fs, path::Path};

/// Runs a fuzz target on every file of its corpus.
pub fn replay(target: &str, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!files.is_empty());

    for file in files {
        run(&fs::read(file).unwrap());
    }
}
