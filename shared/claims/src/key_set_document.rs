//! Key sets as text. A secret or a file contains a key set in this form.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{InvalidKeySet, KeyId, Timestamp};

/// A key set as JSON: `{"keys":[{"kid","alg","activates_at","retires_at"?,"pkcs8"|"k"}],"made_from"?}`.
///
/// `alg` is `RS256`, `ES256` or `EdDSA` with `pkcs8` in base64, or `HS256` with the secret `k` in base64url. Times are
/// Unix times in seconds. A document has this form, but its keys and times are not checked: [`crate::KeySet`] checks
/// them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySetDocument {
    /// The keys, in any order.
    pub keys: Vec<KeyEntry>,
    /// The id of the version from which Secrets Manager's rotation made this one. It is `None` if an operator made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<String>,
}

/// One key of a set, with its schedule.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The id of the key, which is the `kid` header of its tokens.
    pub kid: KeyId,
    /// The only algorithm of the key.
    pub alg: String,
    /// When the key becomes active. The newest active key signs.
    pub activates_at: Timestamp,
    /// When verifiers stop accepting the key. It is `None` as long as the key has no successor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs8: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) k: Option<Zeroizing<String>>,
}

impl KeySetDocument {
    /// Makes a document of these keys.
    #[must_use]
    pub const fn of(keys: Vec<KeyEntry>) -> Self {
        Self { keys, made_from: None }
    }

    /// Parses the text of a key set.
    ///
    /// # Errors
    /// If `json` does not have the form of a [`KeySetDocument`].
    pub fn from_json(json: &str) -> Result<Self, InvalidKeySet> {
        serde_json::from_str(json).map_err(|error| InvalidKeySet::Malformed {
            line: error.line(),
            column: error.column(),
        })
    }

    /// Returns the set as text.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        // A set has only strings and numbers, so that writing it as JSON cannot fail.
        Zeroizing::new(serde_json::to_string(self).unwrap_or_default())
    }
}

impl KeyEntry {
    /// Makes an entry for an `RS256`, `ES256` or `EdDSA` private key, in base64 PKCS#8.
    #[must_use]
    pub fn new_private(kid: KeyId, alg: &str, activates_at: Timestamp, pkcs8: Zeroizing<String>) -> Self {
        Self {
            kid,
            alg: alg.to_owned(),
            activates_at,
            retires_at: None,
            pkcs8: Some(pkcs8),
            k: None,
        }
    }

    /// Makes an entry for an `HS256` secret, in base64url.
    #[must_use]
    pub fn new_secret(kid: KeyId, activates_at: Timestamp, secret: Zeroizing<String>) -> Self {
        Self {
            kid,
            alg: "HS256".to_owned(),
            activates_at,
            retires_at: None,
            pkcs8: None,
            k: Some(secret),
        }
    }

    /// Returns whether the key is retired at `now`.
    #[must_use]
    pub fn is_retired(&self, now: Timestamp) -> bool {
        self.retires_at.is_some_and(|at| at <= now)
    }

    /// Returns whether both entries have the same key. Only the times at which they retire may differ.
    #[must_use]
    pub fn is_same_key(&self, other: &Self) -> bool {
        let schedule = self.activates_at == other.activates_at && self.alg == other.alg;
        schedule && self.kid == other.kid && self.pkcs8 == other.pkcs8 && self.k == other.k
    }
}

impl fmt::Debug for KeySetDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(&self.keys).finish()
    }
}

/// The key itself is a secret, so only its id is shown.
impl fmt::Debug for KeyEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kid.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_retires_is_the_same_key_still_and_any_other_is_another() {
        let key = entry("one", 100, "secret");
        let retiring = KeyEntry {
            retires_at: Some(Timestamp::new(200)),
            ..key.clone()
        };

        assert!(key.is_same_key(&retiring));
        for other in [
            entry("two", 100, "secret"),
            entry("one", 101, "secret"),
            entry("one", 100, "other"),
        ] {
            assert!(!key.is_same_key(&other), "{other:?}");
        }
    }

    #[test]
    fn a_key_is_retired_from_the_second_on() {
        let key = KeyEntry {
            retires_at: Some(Timestamp::new(200)),
            ..entry("one", 100, "secret")
        };

        assert!(!key.is_retired(Timestamp::new(199)));
        assert!(key.is_retired(Timestamp::new(200)));
        assert!(!entry("one", 100, "secret").is_retired(Timestamp::new(u64::MAX)));
    }

    #[test]
    fn what_is_written_is_what_is_read_and_shows_no_secret() {
        let document = KeySetDocument::of(vec![entry("one", 100, "secret")]);

        let read = KeySetDocument::from_json(&document.to_json()).unwrap();

        assert!(read.keys[0].is_same_key(&document.keys[0]));
        assert!(!document.to_json().contains("retires_at") && !document.to_json().contains("made_from"));
        assert_eq!(format!("{read:?}"), r#"["one"]"#);
    }

    fn entry(kid: &str, activates_at: u64, secret: &str) -> KeyEntry {
        KeyEntry::new_secret(
            KeyId::parse(kid).unwrap(),
            Timestamp::new(activates_at),
            Zeroizing::new(secret.to_owned()),
        )
    }
}
