//! The withdrawal of keys that have leaked. The functions are pure, apart from making keys.

use claims::{Algorithm, KeyId, KeySetDocument, Timestamp, TokenKind};
use rand::CryptoRng;

use crate::{KeyGenerationError, key, schedule::accepted_keys};

/// Which keys to withdraw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// One key.
    One(KeyId),
    /// All keys of the key set.
    All,
}

/// Why a key cannot be withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawalError {
    /// The key to withdraw is not in the key set, or has retired.
    #[error(transparent)]
    NoSuchKey(#[from] NoSuchKey),
    /// The key that replaces a withdrawn one could not be made.
    #[error(transparent)]
    Key(#[from] KeyGenerationError),
}

/// The error for a key to withdraw that is not in the key set, or has retired.
#[derive(Debug, thiserror::Error)]
#[error("the key set has no key {0}")]
pub struct NoSuchKey(KeyId);

/// Returns the current key set without the withdrawn keys and without those that have retired. If the signing key is
/// withdrawn, its scheduled successor becomes active at `now`. If there is no successor, a new key is made that is
/// active at `now`. The newest key of the result has no time of retirement.
///
/// # Errors
/// If the key to withdraw is not in the key set or has retired, tokens of kind `K` are not signed with this algorithm,
/// or no key can be made.
pub fn withdraw_keys<K: TokenKind>(
    current: &KeySetDocument,
    which: &Withdrawn,
    algorithm: Algorithm,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeySetDocument, WithdrawalError> {
    let is_withdrawn = |kid: &KeyId| match which {
        Withdrawn::One(one) => kid == one,
        Withdrawn::All => true,
    };
    let mut keys = accepted_keys(current, now);
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
    Ok(KeySetDocument::of(keys))
}

#[cfg(test)]
mod tests {
    use claims::{Access, Span};

    use super::*;
    use crate::example::{DAY, HS256, NOW, one, rng, rotate, schedule, with_successor, withdraw};

    #[test]
    fn a_signing_key_that_leaked_is_replaced_at_once() {
        let first = rotate(&KeySetDocument::default(), NOW);
        let at = NOW.plus(Span::seconds(DAY));

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
    fn a_leaked_successor_leaves_the_signing_key_in_place() {
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
        let at = set.keys[1].activates_at.plus(Span::seconds(60));

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

        let error = withdraw_keys::<Access>(&first, &Withdrawn::One(kid), HS256, NOW, &mut rng()).unwrap_err();

        assert_eq!(error.to_string(), "the key set has no key other");
    }
}
