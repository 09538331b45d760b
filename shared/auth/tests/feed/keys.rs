//! When public keys are read, and what happens if a read fails.

use auth::{
    following::{FollowError, Followed, Following, OnFailure},
    keys::{Published, follow_public_keys},
};
use claims::{Moment, Span};

use crate::{
    double::Feed,
    token::{NOW, jwks},
};

const FIVE_MINUTES: Following = Following {
    poll: Span::seconds(300),
    stale: Span::seconds(3600),
    on_failure: OnFailure::Closed,
};

#[tokio::test]
async fn the_keys_are_polled_and_a_copy_serves_until_it_is_stale() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed);
    reader.current(after(0)).await.unwrap();
    reader.current(after(299_999)).await.unwrap();
    assert_eq!(feed.asked_for_keys(), 1);

    feed.break_off(true);
    reader.current(after(3_599_999)).await.unwrap();
    assert!(reader.take_fault().is_some());
    assert!(reader.current(after(3_605_000)).await.is_err());
}

#[tokio::test]
async fn before_the_first_publication_the_keys_are_read_again() {
    let empty = Feed::default();
    let reader = reader(&empty);

    for seconds in [0, 1] {
        let undecided = reader.current(after(seconds * 1000)).await.unwrap_err();
        assert!(matches!(undecided, FollowError::Empty), "{undecided:?}");
    }
    assert_eq!(empty.asked_for_keys(), 2);
}

#[tokio::test]
async fn for_an_unknown_key_it_asks_once_a_minute() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed);
    reader.current(after(0)).await.unwrap();
    let _first = feed.asked_for_keys();

    assert!(reader.read_for_key(after(0)).await.unwrap().is_none());
    assert!(reader.read_for_key(after(1)).await.unwrap().is_some());
    assert!(reader.read_for_key(after(60_000)).await.unwrap().is_none());
    assert!(reader.read_for_key(after(60_001)).await.unwrap().is_some());
    assert_eq!(feed.asked_for_keys(), 2);
}

#[tokio::test]
async fn a_key_that_cannot_be_asked_for_is_not_called_unknown() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed);
    reader.current(after(0)).await.unwrap();

    feed.break_off(true);
    for milliseconds in [1, 2, 5_001] {
        assert!(reader.read_for_key(after(milliseconds)).await.is_err());
    }
    feed.break_off(false);
    assert!(reader.read_for_key(after(10_001)).await.unwrap().is_some());
}

#[tokio::test]
async fn keys_are_made_of_a_set_once() {
    let feed = Feed::with(&jwks()).await;
    let reader = reader(&feed);

    let first = reader.current(after(0)).await.unwrap();
    let second = reader.current(after(300_000)).await.unwrap();

    assert_eq!(feed.asked_for_keys(), 2);
    assert!(std::sync::Arc::ptr_eq(&first, &second));
}

fn reader(feed: &Feed) -> Followed<Published<&Feed>, ()> {
    follow_public_keys(feed, FIVE_MINUTES, |_| Ok(()))
}

fn after(milliseconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_mul(1000).saturating_add(milliseconds))
}
