//! Replays the fuzzer's corpus: the inputs that it started with, and those that it has found.

#![expect(
    unreachable_pub,
    reason = "the tested function belongs to the fuzzer's crate, which exports it"
)]

#[path = "../../../../fuzz/src/passkey.rs"]
mod passkey;

#[test]
fn responses_of_the_corpus_make_nothing_panic() {
    doubles::replay("passkey", passkey::run);
}
