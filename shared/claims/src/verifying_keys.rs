//! The keys that a verifier accepts, and the headers that it remembers.

use std::{collections::BTreeMap, fmt, marker::PhantomData, sync::OnceLock};

use crate::{KeyId, Timestamp, VerifyingKey};

/// The keys that a verifier accepts, by `kid`. The verifier accepts each key until the key retires.
///
/// They belong to one verifier and are never changed or copied. A header that was good for one of them is therefore
/// good as long as the key is accepted.
pub struct VerifyingKeys<K> {
    keys: BTreeMap<KeyId, AcceptedKey>,
    kind: PhantomData<fn() -> K>,
}

impl<K> VerifyingKeys<K> {
    pub(crate) fn new(keys: impl Iterator<Item = (KeyId, Option<Timestamp>, VerifyingKey)>) -> Self {
        let accepted = |(kid, retires_at, key)| {
            let header = OnceLock::new();
            (
                kid,
                AcceptedKey {
                    retires_at,
                    key,
                    header,
                },
            )
        };
        Self {
            keys: keys.map(accepted).collect(),
            kind: PhantomData,
        }
    }

    /// Returns the key with this id, unless it has retired.
    pub(crate) fn find(&self, kid: &KeyId, now: Timestamp) -> Option<&AcceptedKey> {
        self.keys.get(kid).filter(|key| key.is_accepted(now))
    }

    /// Returns the key for which this header is remembered, unless it has retired.
    pub(crate) fn find_by_header(&self, header: &str, now: Timestamp) -> Option<&AcceptedKey> {
        self.keys
            .values()
            .find(|key| key.header.get().is_some_and(|known| **known == *header))
            .filter(|key| key.is_accepted(now))
    }
}

impl<K> fmt::Debug for VerifyingKeys<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.keys.keys()).finish()
    }
}

/// A key that a verifier accepts until the key retires.
pub(crate) struct AcceptedKey {
    retires_at: Option<Timestamp>,
    key: VerifyingKey,
    /// The header of the first good token, in base64url. An issuer writes the same header into every token that it
    /// signs with a key, so one is enough, and nobody without the key can choose it.
    header: OnceLock<Box<str>>,
}

impl AcceptedKey {
    pub(crate) const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Remembers the header of a token that passed every check with this key, if it is the first one.
    pub(crate) fn remember(&self, header: &str) {
        self.header.get_or_init(|| header.into());
    }

    fn is_accepted(&self, now: Timestamp) -> bool {
        self.retires_at.is_none_or(|at| now < at)
    }
}
