//! When a reader asks, from when on, and what it makes of no answer.

use auth::{FeedReader, Following, Known, OnFailure, Revocation, Undecided, retention};
use claims::{Millis, Seconds};

use crate::{
    double::Feed,
    token::{NOW, jwks, token},
};

const CLOSED: Following = Following::Revocations {
    poll: Seconds::new(5),
    stale: Seconds::new(60),
    on_failure: OnFailure::Closed,
};

const KEYS: Following = Following::Keys {
    poll: Seconds::new(300),
    stale: Seconds::new(3600),
};

#[tokio::test]
async fn the_first_question_is_for_all_that_can_matter_and_the_next_waits_for_the_poll() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);

    for milliseconds in [0, 1, 4_999] {
        reader.known(after(milliseconds)).await.unwrap();
    }
    assert_eq!(feed.asked(), [before(retention().get())]);
    reader.known(after(5_000)).await.unwrap();
    assert_eq!(feed.asked().len(), 1);
}

#[tokio::test]
async fn a_poll_of_one_second_is_one() {
    let feed = Feed::with(&jwks()).await;
    let following = Following::Revocations {
        poll: Seconds::new(1),
        stale: Seconds::new(60),
        on_failure: OnFailure::Closed,
    };
    let reader = reader(&feed, following);

    for milliseconds in [0, 1_000, 2_000] {
        reader.known(after(milliseconds)).await.unwrap();
    }

    assert_eq!(feed.asked().len(), 3);
}

#[tokio::test]
async fn later_questions_go_back_a_minute_for_what_was_written_late() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    feed.announce(&session("one"), after(0)).await;
    reader.known(after(0)).await.unwrap();
    let _first = feed.asked();

    feed.announce(&session("two"), before(59)).await;
    let known = reader.known(after(5_000)).await.unwrap();

    assert_eq!(feed.asked(), [before(60)]);
    assert!(revoked(&known, "one") && revoked(&known, "two"));
    assert_eq!(known.revocations.len(), 2);
}

#[tokio::test]
async fn a_writer_whose_clock_runs_ahead_hides_no_other() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    feed.announce(&session("one"), after(86_400_000)).await;
    reader.known(after(0)).await.unwrap();

    feed.announce(&session("two"), after(1)).await;
    let known = reader.known(after(5_000)).await.unwrap();

    assert!(revoked(&known, "one") && revoked(&known, "two"));
}

#[tokio::test]
async fn a_clock_that_steps_back_makes_it_ask_at_once() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    reader.known(after(60_000)).await.unwrap();
    let _first = feed.asked();

    reader.known(after(0)).await.unwrap();

    assert_eq!(feed.asked().len(), 1);
}

#[tokio::test]
async fn a_process_that_was_frozen_asks_before_it_decides() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    reader.known(after(0)).await.unwrap();
    feed.announce(&session("one"), after(1_000)).await;

    let thawed = reader.known(after(600_000)).await.unwrap();

    assert!(revoked(&thawed, "one"));
}

#[tokio::test]
async fn without_an_answer_the_last_copy_serves_for_a_minute_and_then_nothing_is_decided() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    feed.announce(&session("one"), after(0)).await;
    reader.known(after(0)).await.unwrap();
    feed.break_off(true);

    let known = reader.known(after(59_999)).await.unwrap();
    assert!(revoked(&known, "one"));
    assert!(known.fault.is_some());
    let undecided = reader.known(after(65_000)).await.unwrap_err();
    assert!(matches!(undecided, Undecided::Unreadable(_)), "{undecided:?}");

    feed.break_off(false);
    assert!(reader.known(after(70_000)).await.unwrap().fault.is_none());
}

#[tokio::test]
async fn a_feed_that_could_not_be_read_is_left_in_peace_for_five_seconds() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    feed.break_off(true);

    for milliseconds in [0, 1, 4_999] {
        reader.known(after(milliseconds)).await.unwrap_err();
    }
    assert_eq!(feed.asked().len(), 1);
    reader.known(after(5_000)).await.unwrap_err();
    assert_eq!(feed.asked().len(), 1);
}

#[tokio::test]
async fn where_failing_is_open_the_last_copy_serves_on_but_no_copy_does_not() {
    let feed = Feed::with(&jwks()).await;
    let open = Following::Revocations {
        poll: Seconds::new(5),
        stale: Seconds::new(60),
        on_failure: OnFailure::Open,
    };
    let (cold, warm) = (reader(&feed, open), reader(&feed, open));
    warm.known(after(0)).await.unwrap();
    feed.break_off(true);

    assert!(warm.known(after(3_600_000)).await.is_ok());
    assert!(cold.known(after(0)).await.is_err());
}

#[tokio::test]
async fn keys_alone_are_asked_for_by_their_own_poll_and_serve_for_their_own_time_without_an_answer() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, KEYS);
    reader.known(after(0)).await.unwrap();
    reader.known(after(299_999)).await.unwrap();
    assert_eq!(feed.asked().len(), 1);

    feed.break_off(true);
    assert!(reader.known(after(3_599_999)).await.is_ok());
    assert!(reader.known(after(3_605_000)).await.is_err());
}

#[tokio::test]
async fn an_empty_feed_is_no_key_and_looked_at_again() {
    let empty = Feed::default();
    let reader = reader(&empty, CLOSED);

    for seconds in [0, 5] {
        assert!(reader.known(after(seconds * 1000)).await.unwrap().keys.is_none());
    }
    assert_eq!(empty.asked().len(), 2);
}

#[tokio::test]
async fn for_an_unknown_key_it_asks_once_a_minute() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);
    reader.known(after(0)).await.unwrap();
    let _first = feed.asked();

    assert!(reader.known_again(after(0)).await.unwrap().is_none());
    assert!(reader.known_again(after(1)).await.unwrap().is_some());
    assert!(reader.known_again(after(60_000)).await.unwrap().is_none());
    assert!(reader.known_again(after(60_001)).await.unwrap().is_some());
    assert_eq!(feed.asked().len(), 2);
}

#[tokio::test]
async fn a_key_that_cannot_be_asked_for_is_not_called_unknown() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, KEYS);
    reader.known(after(0)).await.unwrap();

    feed.break_off(true);
    for milliseconds in [1, 2, 5_001] {
        assert!(reader.known_again(after(milliseconds)).await.is_err());
    }
    feed.break_off(false);
    assert!(reader.known_again(after(10_001)).await.unwrap().is_some());
}

#[tokio::test]
async fn keys_are_made_of_a_set_once() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed, CLOSED);

    let first = reader.known(after(0)).await.unwrap().keys.unwrap();
    let second = reader.known(after(5_000)).await.unwrap().keys.unwrap();

    assert!(std::sync::Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn of_ten_thousand_fresh_announcements_none_is_missed() {
    let feed = Feed::with(&jwks()).await;
    for number in 0..10_000 {
        feed.announce(&session(&format!("s{number}")), after(number)).await;
    }
    let reader = reader(&feed, CLOSED);

    let known = reader.known(after(10_000)).await.unwrap();

    assert_eq!(known.revocations.len(), 10_000);
    assert!(revoked(&known, "s0") && revoked(&known, "s9999"));
    assert!(!revoked(&known, "s10000"));
}

fn reader(feed: &Feed, following: Following) -> FeedReader<&Feed, ()> {
    FeedReader::new(feed, following, |_| Ok(()))
}

fn revoked(known: &Known<()>, sid: &str) -> bool {
    known.revocations.revoke(&token("ada", sid, 0, NOW))
}

fn session(sid: &str) -> Revocation {
    Revocation::Session {
        user_id: "ada".parse().unwrap(),
        sid: sid.parse().unwrap(),
    }
}

fn after(milliseconds: u64) -> Millis {
    Millis::new(NOW.get().saturating_mul(1000).saturating_add(milliseconds))
}

fn before(seconds: u64) -> Millis {
    Millis::new(NOW.get().saturating_sub(seconds).saturating_mul(1000))
}
