//! Replays the fuzzer's corpus: its first inputs and what it has found.

#![expect(
    unreachable_pub,
    reason = "the tested function belongs to the fuzzer's crate, which exports it"
)]

use std::{fs, path::Path};

#[path = "../../../../fuzz/src/event.rs"]
mod event;

#[test]
fn events_of_the_corpus_make_nothing_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/event");
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!files.is_empty());

    for file in files {
        event::run(&fs::read(file).unwrap());
    }
}
