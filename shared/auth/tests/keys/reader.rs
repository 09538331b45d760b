//! When a key set is read, and what happens if a read fails or the key set is invalid.

use auth::{
    following::{FollowError, Followed, InvalidText},
    keys::{KEYS_STALE, Secret, TokenError, follow_key_set, verify},
};
use claims::{KeyId, KeySet, Moment, Refresh, Refusal, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};

use crate::double::Place;

const EMPTY: &str = r#"{"keys":[]}"#;
const NONSENSE: &str = r#"{"keys":[{"kid":"one","alg":"HS256","activates_at":1,"k":"c2hvcnQ"}]}"#;

#[tokio::test]
async fn a_key_set_is_read_at_start_and_again_when_it_is_five_minutes_old() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    assert_eq!(place.asked(), 1);

    for seconds in [0, 1, 299] {
        reader.current(after(seconds)).await.unwrap();
    }
    assert_eq!(place.asked(), 0);
    place.put(&set(2));
    let first = reader.current(after(299)).await.unwrap();
    let second = reader.current(after(300)).await.unwrap();

    assert_eq!(place.asked(), 1);
    assert_ne!(*first, *second);
}

#[tokio::test]
async fn a_wrong_key_set_fails_the_start_and_names_the_key() {
    let fault = start(&Place::with(NONSENSE)).await.unwrap_err();

    assert_eq!(fault.to_string(), "key one: its secret is shorter than 32 bytes");
}

#[tokio::test]
async fn an_empty_string_is_an_invalid_key_set_and_not_an_empty_one() {
    assert!(start(&Place::with("")).await.is_err());
}

#[tokio::test]
async fn a_secret_that_was_unreadable_at_start_is_read_by_the_first_request() {
    let place = Place::with(&set(1));
    place.break_off(true);
    let reader = start(&place).await.unwrap();
    assert!(matches!(
        reader.current(after(0)).await,
        Err(FollowError::Unreadable(_))
    ));

    place.break_off(false);

    assert!(matches!(reader.current(after(1)).await, Err(FollowError::Paused)));
    assert!(reader.current(after(5)).await.is_ok());
}

#[tokio::test]
async fn a_set_without_keys_is_looked_at_again_by_every_request() {
    let place = Place::with(EMPTY);
    let reader = start(&place).await.unwrap();

    for seconds in [1, 2] {
        assert!(matches!(reader.current(after(seconds)).await, Err(FollowError::Empty)));
    }
    assert_eq!(place.asked(), 3);
    place.put(&set(1));

    assert!(reader.current(after(3)).await.is_ok());
}

#[tokio::test]
async fn in_an_outage_the_copy_serves_for_an_hour_and_each_fault_is_reported() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    place.break_off(true);

    for seconds in [300, 301, 3599] {
        assert!(reader.current(after(seconds)).await.is_ok(), "{seconds}");
    }
    assert!(reader.take_fault().is_some());
    assert!(reader.take_fault().is_none());
    assert_eq!(place.asked(), 3, "the start, the try, and one long after it");
    assert!(reader.current(after(KEYS_STALE.get())).await.is_err());
    place.break_off(false);
    assert!(reader.current(after(KEYS_STALE.get() + 5)).await.is_ok());
}

#[tokio::test]
async fn a_wrong_set_does_not_take_the_place_of_a_good_one() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    let before = reader.current(after(0)).await.unwrap();
    place.put(NONSENSE);

    let after_it = reader.current(after(300)).await.unwrap();

    assert_eq!(*before, *after_it);
    let told = reader.take_fault().unwrap().to_string();
    assert_eq!(
        told,
        "the source is invalid: key one: its secret is shorter than 32 bytes"
    );
    place.put(&set(2));
    assert_ne!(*reader.current(after(305)).await.unwrap(), *before);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    let _start = place.asked();

    for seconds in 1..=60 {
        assert!(is_unknown(&find_key(&reader, seconds).await));
    }
    assert_eq!(place.asked(), 1);
    assert!(is_unknown(&find_key(&reader, 61).await));
    assert_eq!(place.asked(), 1);
    verify(&reader, after(200), |_| Ok(())).await.unwrap();
    assert_eq!(place.asked(), 0);
}

#[tokio::test]
async fn a_key_that_cannot_be_asked_for_is_not_called_unknown() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    place.break_off(true);

    for seconds in [1, 2] {
        let failed = find_key(&reader, seconds).await;
        assert!(matches!(failed, Err(TokenError::Keys(_))), "{failed:?}");
    }

    assert!(verify(&reader, after(2), |_| Ok(())).await.is_ok());
}

#[tokio::test]
async fn a_key_that_was_made_meanwhile_is_found() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    place.put(&set(2));
    let newer = format!("{:?}", KeySet::<Refresh>::from_json(&set(2)).unwrap());

    let verify_with = |keys: &String| (*keys == newer).then_some("claims").ok_or_else(unknown_key);
    let (keys, claims) = verify(&reader, after(1), verify_with).await.unwrap();

    assert_eq!((keys.as_str(), claims), (newer.as_str(), "claims"));
}

#[tokio::test]
async fn a_token_that_was_verified_with_the_last_copy_is_verified_again_if_another_comes() {
    let place = Place::with(&set(1));
    let reader = start(&place).await.unwrap();
    let older = reader.current(after(0)).await.unwrap();
    place.put(&set(2));

    let verify_with = |keys: &String| (*keys == *older).then_some(()).ok_or(Refusal::BadSignature);
    let verified = verify(&reader, after(300), verify_with).await;

    assert!(
        matches!(verified, Err(TokenError::Refused(Refusal::BadSignature))),
        "{verified:?}"
    );
}

/// Verifies a token whose key is in no set.
async fn find_key(reader: &Reader<'_>, seconds: u64) -> Result<(), TokenError> {
    verify(reader, after(seconds), |_| Err(unknown_key()))
        .await
        .map(|(_, ())| ())
}

fn unknown_key() -> Refusal {
    Refusal::UnknownKey(KeyId::parse("other").unwrap())
}

fn is_unknown(verified: &Result<(), TokenError>) -> bool {
    matches!(verified, Err(TokenError::Refused(Refusal::UnknownKey(_))))
}

type Reader<'a> = Followed<Secret<&'a Place>, String>;

/// Starts a reader that makes of each key set a string that identifies it.
async fn start(place: &Place) -> Result<Reader<'_>, InvalidText> {
    follow_key_set(place, after(0), |set: KeySet<Refresh>| format!("{set:?}")).await
}

fn set(seed: u64) -> String {
    keygen::refresh_key_set(Timestamp::new(0), &mut StdRng::seed_from_u64(seed)).to_string()
}

const fn after(seconds: u64) -> Moment {
    Moment::new(seconds.saturating_mul(1000).saturating_add(1_700_000_000_000))
}
