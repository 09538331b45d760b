//! Tests of identifiers.

use super::*;

#[test]
fn a_name_is_visible_ascii_of_bounded_length() {
    for good in ["a", "http://localhost:3000", &"x".repeat(100)] {
        assert!(Issuer::parse(good).is_ok(), "{good}");
    }
    for bad in ["", " ", "a b", "a\n", "é", "\u{7f}", "\"", "\\", &"x".repeat(101)] {
        assert!(Issuer::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn new_identifiers_sort_by_time_and_differ_by_entropy() {
    let early = UserId::new(Moment::new(1_700_000_000_000), [1; 10]);
    let late = UserId::new(Moment::new(1_700_000_000_001), [0; 10]);
    let other = UserId::new(Moment::new(1_700_000_000_000), [2; 10]);

    assert!(early < late);
    assert_ne!(early, other);
    assert_eq!(early.as_str().len(), 36);
}

#[test]
fn only_a_uuid_in_its_one_spelling_is_its_bytes() {
    let uuid = UserId::new(Moment::new(1_700_000_000_000), [1; 10]);

    assert_eq!(UserId::from_uuid(uuid.as_uuid().unwrap()), uuid);
    let upper = uuid.as_str().to_uppercase();
    for other in ["ada", &upper, &uuid.as_str().replace('-', ""), &format!("{{{uuid}}}")] {
        assert_eq!(UserId::parse(other).unwrap().as_uuid(), None, "{other}");
    }
}

#[test]
fn the_token_id_of_a_generation_is_always_the_same() {
    let sid = SessionId::parse("s").unwrap();

    assert_eq!(TokenId::from_generation(&sid, 7), TokenId::from_generation(&sid, 7));
    assert_ne!(TokenId::from_generation(&sid, 7), TokenId::from_generation(&sid, 8));
    assert_eq!(TokenId::from_generation(&sid, u64::MAX).as_str().len(), 22);
}
