//! What a key set becomes: with a successor at each rotation, and without a key that has leaked. Pure, but for the making
//! of the key.

use claims::{Algorithm, KeyEntry, KeyId, KeySetDocument, LEEWAY, Seconds, Timestamp, TokenKind};
use rand::CryptoRng;

use crate::{KeyGenerationError, key};

/// How long a successor is published before it signs: longer than any reader goes on with what it knew before. API
/// Gateway's own JWT authorizers are the slowest, with 2 hours.
pub const LEAD: Seconds = Seconds::new(2 * 60 * 60 + 10 * 60);

/// The key set with a successor, which signs once `lead` has passed; its first key, which signs at once, where there is
/// none. Keys that have retired are left out. A successor that is scheduled already is the one: nothing else changes.
///
/// # Errors
/// When tokens of kind `K` are not signed by `algorithm`, or no key can be made.
pub fn rotated<K: TokenKind>(
    current: &KeySetDocument,
    algorithm: Algorithm,
    lead: Seconds,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeySetDocument, KeyGenerationError> {
    let mut keys = accepted(current, now);
    match keys.last_mut() {
        None => keys.push(key::<K>(algorithm, now, rng)?),
        Some(newest) if newest.activates_at > now => {}
        Some(newest) => {
            let successor = key::<K>(algorithm, now.plus(lead), rng)?;
            newest.retires_at = Some(retirement::<K>(successor.activates_at));
            keys.push(successor);
        }
    }
    Ok(KeySetDocument { keys })
}

/// Which keys have leaked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// One.
    One(KeyId),
    /// All that sign or are accepted.
    All,
}

/// Why a key cannot be withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The set does not have it.
    #[error(transparent)]
    NoSuchKey(#[from] NoSuchKey),
    /// There is no other in its place.
    #[error(transparent)]
    Key(#[from] KeyGenerationError),
}

/// A key that is not in the set.
#[derive(Debug, thiserror::Error)]
#[error("the key set has no key {0}")]
pub struct NoSuchKey(KeyId);

/// The key set without keys that are to be believed no longer, at once. If one of them signs, the scheduled successor
/// takes over now, or a new key does.
///
/// # Errors
/// When the set has no such key; or as [`rotated`].
pub fn withdrawn<K: TokenKind>(
    current: &KeySetDocument,
    which: &Withdrawn,
    algorithm: Algorithm,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeySetDocument, RotationError> {
    let is_withdrawn = |kid: &KeyId| match which {
        Withdrawn::One(one) => kid == one,
        Withdrawn::All => true,
    };
    let mut keys = accepted(current, now);
    if let Withdrawn::One(kid) = which
        && !keys.iter().any(|key| key.kid == *kid)
    {
        return Err(NoSuchKey(kid.clone()).into());
    }
    let signer = keys.iter().rfind(|key| key.activates_at <= now);
    let signer_goes = signer.is_none_or(|key| is_withdrawn(&key.kid));
    keys.retain(|key| !is_withdrawn(&key.kid));
    if signer_goes {
        match keys.iter_mut().find(|key| key.activates_at > now) {
            Some(successor) => successor.activates_at = now,
            None => keys.push(key::<K>(algorithm, now, rng)?),
        }
    }
    if let Some(newest) = keys.last_mut() {
        newest.retires_at = None;
    }
    Ok(KeySetDocument { keys })
}

/// Whether `next` goes on from `current`: every key that is still accepted is in it, and none that was not there but its
/// newest. A set that was made of an older one must not bring back what was withdrawn since.
#[must_use]
pub fn continues(next: &KeySetDocument, current: &KeySetDocument, now: Timestamp) -> bool {
    let has = |set: &KeySetDocument, key: &KeyEntry| set.keys.iter().any(|other| other.is_same_key(key));
    let new: Vec<&KeyEntry> = next.keys.iter().filter(|key| !has(current, key)).collect();
    let newest = next.keys.iter().max_by_key(|key| key.activates_at);
    accepted(current, now).iter().all(|key| has(next, key))
        && match new.as_slice() {
            [] => true,
            [one] => newest.is_some_and(|newest| newest.is_same_key(one)),
            _ => false,
        }
}

/// When a key is accepted no longer: when the last token that it can have signed is dead.
const fn retirement<K: TokenKind>(successor_activates_at: Timestamp) -> Timestamp {
    successor_activates_at.plus(K::MAX_USE).plus(LEEWAY)
}

/// The keys that are not retired, in the order of their schedule.
fn accepted(document: &KeySetDocument, now: Timestamp) -> Vec<KeyEntry> {
    let mut keys = document.keys.clone();
    keys.retain(|key| !key.is_retired(now));
    keys.sort_by_key(|key| key.activates_at);
    keys
}

#[cfg(test)]
mod tests {
    use claims::{Access, KeySet, Refresh};
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);
    const DAY: u64 = 24 * 60 * 60;
    const HS256: Algorithm = Algorithm::HS256;

    #[test]
    fn the_first_key_signs_at_once() {
        let first = rotate(&KeySetDocument::default(), NOW);

        assert_eq!(schedule(&first), [(NOW.get(), None)]);
    }

    #[test]
    fn a_successor_is_published_first_and_the_key_before_it_outlives_its_last_token() {
        let later = NOW.plus(Seconds::new(30 * DAY));

        let set = rotate(&rotate(&KeySetDocument::default(), NOW), later);

        let activation = later.plus(LEAD).get();
        assert_eq!(
            schedule(&set),
            [(NOW.get(), Some(activation + 3600 + 30)), (activation, None)]
        );
    }

    #[test]
    fn a_refresh_key_outlives_the_longest_device_token() {
        let first = rotated::<Refresh>(&KeySetDocument::default(), HS256, LEAD, NOW, &mut rng()).unwrap();

        let set = rotated::<Refresh>(&first, HS256, LEAD, NOW.plus(Seconds::new(DAY)), &mut rng()).unwrap();

        let activation = NOW.get() + DAY + LEAD.get();
        assert_eq!(
            set.keys[0].retires_at,
            Some(Timestamp::new(activation + 180 * DAY + 30))
        );
    }

    #[test]
    fn a_second_rotation_before_the_successor_signs_changes_nothing() {
        let once = rotate(
            &rotate(&KeySetDocument::default(), NOW),
            NOW.plus(Seconds::new(30 * DAY)),
        );

        let twice = rotate(&once, NOW.plus(Seconds::new(30 * DAY + 60)));

        assert_eq!(twice.to_json(), once.to_json());
    }

    #[test]
    fn retired_keys_are_left_out_at_the_next_rotation() {
        let mut set = KeySetDocument::default();
        for month in 0..12 {
            set = rotate(&set, NOW.plus(Seconds::new(30 * DAY * month)));
            KeySet::<Access>::new(&set).unwrap();
            assert!(set.keys.len() <= 2, "{set:?}");
        }
    }

    #[test]
    fn the_algorithm_changes_with_the_successor() {
        let first = rotate(&KeySetDocument::default(), NOW);

        let set = rotated::<Access>(&first, Algorithm::EdDSA, LEAD, NOW.plus(Seconds::new(DAY)), &mut rng()).unwrap();

        let algorithms: Vec<&str> = set.keys.iter().map(|key| key.alg.as_str()).collect();
        assert_eq!(algorithms, ["HS256", "EdDSA"]);
        assert!(rotated::<Refresh>(&first, Algorithm::EdDSA, LEAD, NOW, &mut rng()).is_err());
    }

    #[test]
    fn a_signing_key_that_leaked_is_replaced_at_once() {
        let first = rotate(&KeySetDocument::default(), NOW);
        let at = NOW.plus(Seconds::new(DAY));

        let set = withdraw(&first, &one(&first, 0), at);

        assert_eq!(schedule(&set), [(at.get(), None)]);
        assert_ne!(set.keys[0].kid, first.keys[0].kid);
    }

    #[test]
    fn a_successor_that_waits_takes_over_at_once_and_no_other_is_made() {
        let (set, at) = with_successor();

        let without = withdraw(&set, &one(&set, 0), at);

        assert_eq!(schedule(&without), [(at.get(), None)]);
        assert_eq!(without.keys[0].kid, set.keys[1].kid);
    }

    #[test]
    fn a_successor_that_leaked_before_it_signed_leaves_the_signing_key_for_good() {
        let (set, at) = with_successor();

        let without = withdraw(&set, &one(&set, 1), at);

        assert_eq!(schedule(&without), [(NOW.get(), None)]);
        assert_eq!(without.keys[0].kid, set.keys[0].kid);
    }

    #[test]
    fn a_key_that_signs_no_longer_is_just_left_out() {
        let (set, _) = with_successor();
        let at = set.keys[1].activates_at;

        let without = withdraw(&set, &one(&set, 0), at);

        assert_eq!(schedule(&without), [(at.get(), None)]);
        assert!(without.keys[0].is_same_key(&set.keys[1]));
    }

    #[test]
    fn a_signing_key_that_leaked_leaves_the_one_before_it_accepted() {
        let (set, _) = with_successor();
        let at = set.keys[1].activates_at.plus(Seconds::new(60));

        let without = withdraw(&set, &one(&set, 1), at);

        assert_eq!(
            schedule(&without),
            [
                (NOW.get(), set.keys[0].retires_at.map(Timestamp::get)),
                (at.get(), None)
            ]
        );
    }

    #[test]
    fn all_keys_can_be_withdrawn_together() {
        let (set, at) = with_successor();

        let without = withdraw(&set, &Withdrawn::All, at);

        assert_eq!(schedule(&without), [(at.get(), None)]);
        let old: Vec<&KeyId> = set.keys.iter().map(|key| &key.kid).collect();
        assert!(!old.contains(&&without.keys[0].kid));
    }

    #[test]
    fn a_key_that_is_not_there_cannot_be_withdrawn() {
        let first = rotate(&KeySetDocument::default(), NOW);
        let kid = KeyId::parse("other").unwrap();

        let error = withdrawn::<Access>(&first, &Withdrawn::One(kid), HS256, NOW, &mut rng()).unwrap_err();

        assert_eq!(error.to_string(), "the key set has no key other");
    }

    #[test]
    fn a_rotation_goes_on_from_its_own_set_and_from_no_other() {
        let first = rotate(&KeySetDocument::default(), NOW);
        let (set, at) = with_successor();
        let without = withdraw(&set, &one(&set, 0), at);

        assert!(continues(&first, &KeySetDocument::default(), NOW));
        assert!(continues(&set, &set, at));
        assert!(continues(&set, &first_of(&set), at));
        assert!(!continues(&set, &without, at), "it would bring back what leaked");
        assert!(!continues(&first_of(&set), &set, at), "it would lose the successor");
        let retired = at.plus(Seconds::new(40 * DAY));
        assert!(continues(&rotate(&set, retired), &set, retired), "retired keys may go");
    }

    fn first_of(set: &KeySetDocument) -> KeySetDocument {
        let mut first = set.keys[0].clone();
        first.retires_at = None;
        KeySetDocument { keys: vec![first] }
    }

    /// A set a month old whose successor was published a minute ago, and now.
    fn with_successor() -> (KeySetDocument, Timestamp) {
        let rotation = NOW.plus(Seconds::new(30 * DAY));
        let set = rotate(&rotate(&KeySetDocument::default(), NOW), rotation);
        (set, rotation.plus(Seconds::new(60)))
    }

    fn one(set: &KeySetDocument, index: usize) -> Withdrawn {
        Withdrawn::One(set.keys[index].kid.clone())
    }

    fn rotate(set: &KeySetDocument, now: Timestamp) -> KeySetDocument {
        rotated::<Access>(set, HS256, LEAD, now, &mut StdRng::seed_from_u64(now.get())).unwrap()
    }

    fn withdraw(set: &KeySetDocument, which: &Withdrawn, now: Timestamp) -> KeySetDocument {
        let set = withdrawn::<Access>(set, which, HS256, now, &mut rng()).unwrap();
        KeySet::<Access>::new(&set).unwrap();
        set
    }

    fn schedule(set: &KeySetDocument) -> Vec<(u64, Option<u64>)> {
        let times = |key: &KeyEntry| (key.activates_at.get(), key.retires_at.map(Timestamp::get));
        set.keys.iter().map(times).collect()
    }

    fn rng() -> StdRng {
        StdRng::seed_from_u64(1)
    }
}
