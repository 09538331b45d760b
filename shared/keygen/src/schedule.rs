//! The schedule of a key set: each rotation adds a successor. The functions are pure, apart from making keys.

use claims::{Algorithm, KeyEntry, KeySetDocument, LEEWAY, Span, Timestamp, TokenKind};
use rand::CryptoRng;

use crate::{KeyGenerationError, key};

/// The time between the publication of a new key and its first signature: 2 hours and 10 minutes. Within this time,
/// every verifier reads the keys again. API Gateway's own JWT authorizers are the slowest, because they keep a copy for
/// up to 2 hours.
pub const LEAD: Span = Span::seconds(2 * 60 * 60 + 10 * 60);

/// Returns the current key set with a new key, which starts to sign after `lead`. In an empty key set, the new key
/// signs at once. Retired keys are removed. If a key is already scheduled to sign later, no other key is added.
///
/// # Errors
/// If tokens of kind `K` are not signed with this algorithm, or no key can be made.
pub fn add_successor<K: TokenKind>(
    current: &KeySetDocument,
    algorithm: Algorithm,
    lead: Span,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeySetDocument, KeyGenerationError> {
    let mut keys = accepted_keys(current, now);
    match keys.last_mut() {
        None => keys.push(key::<K>(algorithm, now, rng)?),
        Some(newest) if newest.activates_at > now => {}
        Some(newest) => {
            let successor = key::<K>(algorithm, now.plus(lead), rng)?;
            newest.retires_at = Some(retirement::<K>(successor.activates_at));
            keys.push(successor);
        }
    }
    Ok(KeySetDocument::of(keys))
}

/// Returns the time from which a key is no longer accepted. The last token that the key may have signed has expired by
/// then.
const fn retirement<K: TokenKind>(successor_activates_at: Timestamp) -> Timestamp {
    successor_activates_at.plus(K::MAX_USE).plus(LEEWAY)
}

/// Returns the keys that are not retired, sorted by the time from which they sign.
pub(crate) fn accepted_keys(document: &KeySetDocument, now: Timestamp) -> Vec<KeyEntry> {
    let mut keys = document.keys.clone();
    keys.retain(|key| !key.is_retired(now));
    keys.sort_by_key(|key| key.activates_at);
    keys
}

#[cfg(test)]
mod tests {
    use claims::{Access, KeySet, Refresh};

    use super::*;
    use crate::example::{DAY, HS256, NOW, rng, rotate, schedule};

    #[test]
    fn the_first_key_signs_at_once() {
        let first = rotate(&KeySetDocument::default(), NOW);

        assert_eq!(schedule(&first), [(NOW.get(), None)]);
    }

    #[test]
    fn a_successor_is_published_first_and_its_predecessor_outlives_its_tokens() {
        let later = NOW.plus(Span::seconds(30 * DAY));

        let set = rotate(&rotate(&KeySetDocument::default(), NOW), later);

        let activation = later.plus(LEAD).get();
        assert_eq!(
            schedule(&set),
            [(NOW.get(), Some(activation + 3600 + 30)), (activation, None)]
        );
    }

    #[test]
    fn a_refresh_key_outlives_the_longest_device_token() {
        let first = add_successor::<Refresh>(&KeySetDocument::default(), HS256, LEAD, NOW, &mut rng()).unwrap();

        let set = add_successor::<Refresh>(&first, HS256, LEAD, NOW.plus(Span::seconds(DAY)), &mut rng()).unwrap();

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
            NOW.plus(Span::seconds(30 * DAY)),
        );

        let twice = rotate(&once, NOW.plus(Span::seconds(30 * DAY + 60)));

        assert_eq!(twice.to_json(), once.to_json());
    }

    #[test]
    fn retired_keys_are_left_out_at_the_next_rotation() {
        let mut set = KeySetDocument::default();
        for month in 0..12 {
            set = rotate(&set, NOW.plus(Span::seconds(30 * DAY * month)));
            KeySet::<Access>::new(&set).unwrap();
            assert!(set.keys.len() <= 2, "{set:?}");
        }
    }

    #[test]
    fn the_algorithm_changes_with_the_successor() {
        let first = rotate(&KeySetDocument::default(), NOW);

        let set =
            add_successor::<Access>(&first, Algorithm::EdDSA, LEAD, NOW.plus(Span::seconds(DAY)), &mut rng()).unwrap();

        let algorithms: Vec<&str> = set.keys.iter().map(|key| key.alg.as_str()).collect();
        assert_eq!(algorithms, ["HS256", "EdDSA"]);
        assert!(add_successor::<Refresh>(&first, Algorithm::EdDSA, LEAD, NOW, &mut rng()).is_err());
    }
}
