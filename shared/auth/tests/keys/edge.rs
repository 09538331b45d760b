//! When the keys of the proxy are read, and what happens if a read fails or the keys are invalid.

use auth::{
    following::FollowError,
    keys::{InvalidEdgeKeys, KEYS_STALE, follow_edge_keys},
};
use claims::Moment;

use crate::double::Place;

#[tokio::test]
async fn they_are_read_at_start_and_again_when_they_are_five_minutes_old() {
    let place = Place::with(&keys('a'));
    let reader = follow_edge_keys(&place, after(0)).await.unwrap();
    place.put(&keys('b'));

    let before = reader.current(after(299)).await.unwrap();
    assert_eq!(place.asked(), 1);
    let later = reader.current(after(300)).await.unwrap();

    assert!(before.admit(&key('a')) && !before.admit(&key('b')));
    assert!(later.admit(&key('b')) && !later.admit(&key('a')));
    assert_eq!(place.asked(), 1);
}

#[tokio::test]
async fn wrong_ones_fail_the_start() {
    let fault = follow_edge_keys(&Place::with("{}"), after(0)).await.unwrap_err();

    assert_eq!(fault.to_string(), InvalidEdgeKeys::Empty.to_string());
}

#[tokio::test]
async fn a_place_that_cannot_be_read_at_start_is_asked_by_the_first_request() {
    let place = Place::with(&keys('a'));
    place.break_off(true);
    let reader = follow_edge_keys(&place, after(0)).await.unwrap();
    assert!(matches!(
        reader.current(after(0)).await,
        Err(FollowError::Unreadable(_))
    ));
    assert!(matches!(reader.current(after(1)).await, Err(FollowError::Paused)));

    place.break_off(false);

    assert!(reader.current(after(5)).await.is_ok());
}

#[tokio::test]
async fn in_an_outage_the_copy_serves_for_an_hour_and_the_fault_is_reported() {
    for breaks in [true, false] {
        let place = Place::with(&keys('a'));
        let reader = follow_edge_keys(&place, after(0)).await.unwrap();
        place.break_off(breaks);
        place.put("{}");

        for seconds in [300, 301, 3_599] {
            let known = reader.current(after(seconds)).await.unwrap();
            assert!(known.admit(&key('a')), "{seconds}");
        }

        assert!(reader.take_fault().is_some());
        assert!(reader.take_fault().is_none());
        assert!(reader.current(after(KEYS_STALE.get() + 5)).await.is_err());
    }
}

fn keys(letter: char) -> String {
    format!(r#"{{"first":"{}"}}"#, key(letter))
}

fn key(letter: char) -> String {
    letter.to_string().repeat(32)
}

fn after(seconds: u64) -> Moment {
    Moment::new(1_700_000_000_u64.saturating_add(seconds).saturating_mul(1000))
}
