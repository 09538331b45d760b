//! When the keys of a set are used.

use serde::{Deserialize, Serialize};

use crate::{KeyId, KeySetDocument, Timestamp};

/// When the keys of a set are used, in the order in which they become active. It has no key material: one who reads it
/// cannot sign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeySchedule {
    /// The keys.
    pub keys: Vec<ScheduledKey>,
}

/// When one key is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledKey {
    /// The id of the key, which is the `kid` header of its tokens.
    pub kid: KeyId,
    /// The only algorithm of the key.
    pub alg: String,
    /// When the key becomes active. The newest active key signs.
    pub activates_at: Timestamp,
    /// When verifiers stop accepting the key. It is `None` as long as the key has no successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retires_at: Option<Timestamp>,
}

impl KeySchedule {
    /// Parses a schedule, or returns `None` if the text is not one.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// Returns the schedule as JSON: `[{"kid","alg","activates_at","retires_at"?}]`. Times are Unix times in seconds.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A schedule has only strings and numbers, so that writing it as JSON cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&KeySetDocument> for KeySchedule {
    fn from(document: &KeySetDocument) -> Self {
        let mut keys: Vec<_> = document
            .keys
            .iter()
            .map(|key| ScheduledKey {
                kid: key.kid.clone(),
                alg: key.alg.clone(),
                activates_at: key.activates_at,
                retires_at: key.retires_at,
            })
            .collect();
        keys.sort_by_key(|key| key.activates_at);
        Self { keys }
    }
}
