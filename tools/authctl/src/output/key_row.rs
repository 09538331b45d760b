//! A key as a row of output.

use claims::{KeyEntry, KeySetDocument, Timestamp};
use serde::Serialize;

use super::{Row, date};
use crate::key::KeySetName;

/// The public facts about a key, without its key material.
#[derive(Serialize)]
pub(crate) struct KeyRow {
    set: &'static str,
    kid: String,
    alg: String,
    state: &'static str,
    activates_at: String,
    retires_at: Option<String>,
}

impl KeyRow {
    /// Returns the keys of a set with their state at `now`, in the order of their schedule.
    pub(crate) fn from_set(set: KeySetName, document: &KeySetDocument, now: Timestamp) -> anyhow::Result<Vec<Self>> {
        let mut keys: Vec<&KeyEntry> = document.keys.iter().collect();
        keys.sort_by_key(|key| key.activates_at);
        let signer = keys.iter().rposition(|key| key.activates_at <= now);
        let rows = keys.iter().enumerate().map(|(index, key)| {
            Ok(Self {
                set: match set {
                    KeySetName::Access => "access",
                    KeySetName::Refresh => "refresh",
                },
                kid: key.kid.to_string(),
                alg: key.alg.clone(),
                state: match key {
                    key if key.is_retired(now) => "retired",
                    _ if Some(index) == signer => "signs",
                    key if key.activates_at > now => "published",
                    _ => "accepted",
                },
                activates_at: date(key.activates_at)?,
                retires_at: key.retires_at.map(date).transpose()?,
            })
        });
        rows.collect()
    }
}

impl Row for KeyRow {
    const COLUMNS: &'static [&'static str] = &["SET", "KEY ID", "ALG", "STATE", "SIGNS FROM", "ACCEPTED UNTIL"];

    fn cells(&self) -> Vec<String> {
        let until = self.retires_at.clone();
        vec![
            self.set.to_owned(),
            self.kid.clone(),
            self.alg.clone(),
            self.state.to_owned(),
            self.activates_at.clone(),
            until.unwrap_or_else(|| "-".to_owned()),
        ]
    }
}
