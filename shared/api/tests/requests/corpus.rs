//! Replays the fuzzer's corpus: its first inputs and what it has found.

#![expect(
    unreachable_pub,
    reason = "the tested function belongs to the fuzzer's crate, which exports it"
)]

#[path = "../../../../fuzz/src/request_body.rs"]
mod request_body;

#[test]
fn bodies_of_the_corpus_make_nothing_panic() {
    doubles::replay("request_body", request_body::run);
}
