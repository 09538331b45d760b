//! Runs the fuzz targets on their corpus: the inputs that they start from, and those that the fuzzer has found.

#![expect(
    unreachable_pub,
    reason = "the tested function belongs to the fuzzer's crate, which exports it"
)]

use std::{fs, path::Path};

#[path = "../../../../fuzz/src/jwks.rs"]
mod jwks;
#[path = "../../../../fuzz/src/key_set.rs"]
mod key_set;
#[path = "../../../../fuzz/src/token.rs"]
mod token;

#[test]
fn tokens_of_the_corpus_make_nothing_panic() {
    replay("token", token::run);
}

#[test]
fn key_sets_of_the_corpus_make_nothing_panic() {
    replay("key_set", key_set::run);
}

#[test]
fn jwk_sets_of_the_corpus_make_nothing_panic() {
    replay("jwks", jwks::run);
}

fn replay(target: &str, run: impl Fn(&[u8])) {
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
