//! When a reader reads the feed, where it starts, and what happens if a read fails.

use std::time::Duration;

use auth::{
    feed::{Cursor, FeedReader, KnownRevocations, Revocation, retention},
    following::{FollowError, Following, OnFailure},
};
use claims::{Moment, Span};

use crate::{
    double::Feed,
    token::{NOW, token},
};

const CLOSED: Following = Following {
    poll: Span::seconds(5),
    stale: Span::seconds(60),
    on_failure: OnFailure::Closed,
};

#[tokio::test]
async fn the_first_read_covers_the_retention_and_the_next_waits_for_the_poll() {
    let feed = Feed::default();
    let reader = reader(&feed, CLOSED);

    for milliseconds in [0, 1, 4_999] {
        reader.current(after(milliseconds)).await.unwrap();
    }
    assert_eq!(feed.asked(), [Cursor::from_millis(before(retention().get()))]);
    reader.current(after(5_000)).await.unwrap();
    assert_eq!(feed.asked().len(), 1);
}

#[tokio::test]
async fn a_poll_of_one_second_is_one() {
    let feed = Feed::default();
    let following = Following {
        poll: Span::seconds(1),
        stale: Span::seconds(60),
        on_failure: OnFailure::Closed,
    };
    let reader = reader(&feed, following);

    for milliseconds in [0, 1_000, 2_000] {
        reader.current(after(milliseconds)).await.unwrap();
    }

    assert_eq!(feed.asked().len(), 3);
}

#[tokio::test]
async fn the_next_read_starts_where_the_first_page_was_not_settled() {
    let feed = Feed::default();
    for number in 0..1_500 {
        feed.announce(&session(&format!("s{number}")), after(0)).await;
    }
    let reader = reader(&feed, CLOSED);
    reader.current(after(0)).await.unwrap();
    let pages = feed.asked();
    assert_eq!(pages.len(), 2);

    feed.announce(&session("late"), before(59)).await;
    let known = reader.current(after(5_000)).await.unwrap();

    let [again] = feed.asked().try_into().unwrap();
    assert!(again > pages[1], "what was settled is not read again");
    assert!(revoked(&known, "s0") && revoked(&known, "s1499") && revoked(&known, "late"));
    assert_eq!(known.revocations.len(), 1_501);
}

#[tokio::test]
async fn what_was_announced_while_pages_were_read_is_in_the_next_read() {
    let feed = Feed::default();
    for number in 0..2_500 {
        feed.announce(&session(&format!("s{number}")), after(0)).await;
    }
    let reader = reader(&feed, CLOSED);
    feed.break_off_after(1);
    reader.current(after(0)).await.unwrap_err();
    feed.announce(&session("meanwhile"), after(1)).await;
    feed.break_off_after(100);

    let known = reader.current(after(1_000)).await.unwrap();

    assert!(revoked(&known, "meanwhile"));
    assert_eq!(known.revocations.len(), 2_501);
}

#[tokio::test]
async fn what_was_read_is_kept_when_it_breaks_off_and_gone_on_with_at_once() {
    let feed = Feed::default();
    for number in 0..3_500 {
        feed.announce(&session(&format!("s{number}")), after(0)).await;
    }
    let reader = reader(&feed, CLOSED);

    for milliseconds in 0..3 {
        feed.break_off_after(1);
        reader.current(after(milliseconds)).await.unwrap_err();
    }
    feed.break_off_after(1);
    let known = reader.current(after(3)).await.unwrap();

    assert_eq!(known.revocations.len(), 3_500);
    let asked = feed.asked();
    assert_eq!(
        asked.len(),
        7,
        "each page but the last is followed by a failure, and none is asked for twice in vain"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_reads_for_a_bounded_time_and_the_next_one_goes_on() {
    let feed = Feed::default();
    for number in 0..20_000 {
        feed.announce(&session(&format!("s{number}")), after(0)).await;
    }
    feed.slow_down(Duration::from_millis(300));
    let reader = reader(&feed, CLOSED);

    let mut requests = 1;
    let began = tokio::time::Instant::now();
    let known = loop {
        match reader.current(after(requests)).await {
            Ok(known) => break known,
            Err(undecided) => assert!(matches!(undecided, FollowError::Unfinished), "{undecided:?}"),
        }
        assert!(began.elapsed() <= Duration::from_millis(2_500 * requests));
        requests += 1;
    };

    assert_eq!(requests, 3, "eight pages, eight, and four");
    assert_eq!(known.revocations.len(), 20_000);
}

#[tokio::test]
async fn pages_that_were_begun_long_ago_are_followed_by_what_is_new() {
    let feed = Feed::default();
    for number in 0..1_500 {
        feed.announce(&session(&format!("s{number}")), after(0)).await;
    }
    let reader = reader(&feed, CLOSED);
    feed.break_off_after(1);
    reader.current(after(0)).await.unwrap_err();
    feed.break_off_after(100);
    feed.announce(&session("new"), after(1_800_000)).await;

    let known = reader.current(after(1_800_000)).await.unwrap();

    assert!(revoked(&known, "s0") && revoked(&known, "new"));
    assert!(known.fault.is_none());
}

#[tokio::test]
async fn a_writer_whose_clock_runs_ahead_hides_no_other() {
    let feed = Feed::default();
    let reader = reader(&feed, CLOSED);
    feed.announce(&session("one"), after(86_400_000)).await;
    reader.current(after(0)).await.unwrap();

    feed.announce(&session("two"), after(1)).await;
    let known = reader.current(after(5_000)).await.unwrap();

    assert!(revoked(&known, "one") && revoked(&known, "two"));
}

#[tokio::test]
async fn a_clock_that_steps_back_makes_it_ask_at_once() {
    let feed = Feed::default();
    let reader = reader(&feed, CLOSED);
    reader.current(after(60_000)).await.unwrap();
    let _first = feed.asked();

    reader.current(after(0)).await.unwrap();

    assert_eq!(feed.asked().len(), 1);
}

#[tokio::test]
async fn a_clock_that_ran_ahead_makes_it_read_everything_again() {
    let feed = Feed::default();
    feed.announce(&session("one"), after(0)).await;
    let reader = reader(&feed, CLOSED);
    reader.current(after(0)).await.unwrap();
    assert!(
        !revoked(&reader.current(after(10_000_000)).await.unwrap(), "one"),
        "forgotten"
    );

    let known = reader.current(after(5_000)).await.unwrap();

    assert!(revoked(&known, "one"));
}

#[tokio::test]
async fn a_process_that_was_frozen_asks_before_it_decides() {
    let feed = Feed::default();
    let reader = reader(&feed, CLOSED);
    reader.current(after(0)).await.unwrap();
    feed.announce(&session("one"), after(1_000)).await;

    let thawed = reader.current(after(600_000)).await.unwrap();

    assert!(revoked(&thawed, "one"));
}

#[tokio::test]
async fn in_an_outage_the_copy_serves_for_a_minute_and_then_nothing_is_decided() {
    let feed = Feed::default();
    let reader = reader(&feed, CLOSED);
    feed.announce(&session("one"), after(0)).await;
    reader.current(after(0)).await.unwrap();
    feed.break_off(true);

    let known = reader.current(after(59_999)).await.unwrap();
    assert!(revoked(&known, "one"));
    assert!(known.fault.is_some());
    let undecided = reader.current(after(65_000)).await.unwrap_err();
    assert!(matches!(undecided, FollowError::Unreadable(_)), "{undecided:?}");

    feed.break_off(false);
    assert!(reader.current(after(70_000)).await.unwrap().fault.is_none());
}

#[tokio::test]
async fn a_feed_that_could_not_be_read_is_not_read_again_for_five_seconds() {
    let feed = Feed::default();
    let reader = reader(&feed, CLOSED);
    feed.break_off(true);

    for milliseconds in [0, 1, 4_999] {
        reader.current(after(milliseconds)).await.unwrap_err();
    }
    assert_eq!(feed.asked().len(), 1);
    reader.current(after(5_000)).await.unwrap_err();
    assert_eq!(feed.asked().len(), 1);
}

#[tokio::test]
async fn where_failing_is_open_the_last_copy_serves_on_but_no_copy_does_not() {
    let feed = Feed::default();
    let open = Following {
        poll: Span::seconds(5),
        stale: Span::seconds(60),
        on_failure: OnFailure::Open,
    };
    let (cold, warm) = (reader(&feed, open), reader(&feed, open));
    warm.current(after(0)).await.unwrap();
    feed.break_off(true);

    assert!(warm.current(after(3_600_000)).await.is_ok());
    assert!(cold.current(after(0)).await.is_err());
}

#[tokio::test]
async fn ten_thousand_fresh_announcements_are_all_read() {
    let feed = Feed::default();
    for number in 0..10_000 {
        feed.announce(&session(&format!("s{number}")), after(number)).await;
    }
    let reader = reader(&feed, CLOSED);

    let known = reader.current(after(10_000)).await.unwrap();

    assert_eq!(known.revocations.len(), 10_000);
    assert!(revoked(&known, "s0") && revoked(&known, "s9999"));
    assert!(!revoked(&known, "s10000"));
}

fn reader(feed: &Feed, following: Following) -> FeedReader<&Feed, &Feed> {
    FeedReader::new(feed, feed, following)
}

fn revoked(known: &KnownRevocations, sid: &str) -> bool {
    known.revocations.covers(&token("ada", sid, 0, NOW))
}

fn session(sid: &str) -> Revocation {
    Revocation::Session {
        user_id: "ada".parse().unwrap(),
        sid: sid.parse().unwrap(),
    }
}

fn after(milliseconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_mul(1000).saturating_add(milliseconds))
}

fn before(seconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_sub(seconds).saturating_mul(1000))
}
