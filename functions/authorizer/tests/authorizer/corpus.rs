//! Replays the fuzzer's corpus: its first inputs and what it has found.

#![expect(
    unreachable_pub,
    reason = "the tested function belongs to the fuzzer's crate, which exports it"
)]

#[path = "../../../../fuzz/src/event.rs"]
mod event;

#[test]
fn events_of_the_corpus_make_nothing_panic() {
    doubles::replay("event", event::run);
}
