//! A key as a row of output.

use claims::{KeySchedule, Span, Timestamp};
use serde::Serialize;
use store::RotationStatus;

use super::{Row, date};
use crate::key::KeySetName;

/// The public facts about a key, without its key material, or about a key that is not there yet.
#[derive(Serialize)]
pub(crate) struct KeyRow {
    set: &'static str,
    kid: Option<String>,
    alg: Option<String>,
    state: &'static str,
    activates_at: Option<String>,
    retires_at: Option<String>,
}

impl KeyRow {
    /// Returns the keys of a set with their state at `now`, in the order of their schedule.
    pub(crate) fn from_schedule(set: KeySetName, schedule: &KeySchedule, now: Timestamp) -> anyhow::Result<Vec<Self>> {
        let keys = &schedule.keys;
        let signer = keys.iter().rposition(|key| key.activates_at <= now);
        let rows = keys.iter().enumerate().map(|(index, key)| {
            Ok(Self {
                set: set.as_str(),
                kid: Some(key.kid.to_string()),
                alg: Some(key.alg.clone()),
                state: match key {
                    key if key.retires_at.is_some_and(|at| at <= now) => "retired",
                    _ if Some(index) == signer => "signs",
                    key if key.activates_at > now => "published",
                    _ => "accepted",
                },
                activates_at: Some(date(key.activates_at)?),
                retires_at: key.retires_at.map(date).transpose()?,
            })
        });
        rows.collect()
    }

    /// The state of the key that an open rotation has not made yet.
    pub(crate) const NOT_YET: &'static str = "not yet";

    pub(crate) const fn state(&self) -> &'static str {
        self.state
    }

    /// Returns the row for the key that a rotation has not made yet, or `None` if no rotation is open.
    pub(crate) fn from_rotation(
        set: KeySetName,
        has_keys: bool,
        status: RotationStatus,
        now: Timestamp,
    ) -> Option<Self> {
        let is_open = status.is_pending || (status.last.is_none() && !has_keys);
        let is_late = now.since(status.changed) >= MAX_ROTATION;
        is_open.then_some(Self {
            set: set.as_str(),
            kid: None,
            alg: None,
            state: if is_late { "failed" } else { Self::NOT_YET },
            activates_at: None,
            retires_at: None,
        })
    }
}

/// A rotation takes seconds, and Secrets Manager repeats a failed one within this time.
const MAX_ROTATION: Span = Span::seconds(300);

impl Row for KeyRow {
    const COLUMNS: &'static [&'static str] = &["SET", "KEY ID", "ALG", "STATE", "SIGNS FROM", "ACCEPTED UNTIL"];

    fn cells(&self) -> Vec<String> {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            self.set.to_owned(),
            known(&self.kid),
            known(&self.alg),
            self.state.to_owned(),
            known(&self.activates_at),
            known(&self.retires_at),
        ]
    }

    /// Returns the id of the key, or an empty string if the key is not there yet.
    fn name(&self) -> String {
        self.kid.clone().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CHANGED: u64 = 1_700_000_000;

    #[rstest]
    #[case::right_after_the_first_deployment(false, None, false, 1, Some("not yet"))]
    #[case::while_the_first_key_is_made(false, None, true, 60, Some("not yet"))]
    #[case::the_function_could_not_be_called(false, None, false, 300, Some("failed"))]
    #[case::the_function_failed(true, Some(CHANGED - 9_000_000), true, 300, Some("failed"))]
    #[case::done(true, Some(CHANGED), false, 9_000_000, None)]
    #[case::keys_that_an_operator_has_written(true, None, false, 9_000_000, None)]
    fn an_open_rotation_is_shown(
        #[case] has_keys: bool,
        #[case] last: Option<u64>,
        #[case] is_pending: bool,
        #[case] seconds: u64,
        #[case] expected: Option<&str>,
    ) {
        let status = RotationStatus {
            last: last.map(Timestamp::new),
            changed: Timestamp::new(CHANGED),
            is_pending,
            next: None,
        };
        let now = Timestamp::new(CHANGED).plus(Span::seconds(seconds));

        let row = KeyRow::from_rotation(KeySetName::Access, has_keys, status, now);

        assert_eq!(row.map(|row| row.state), expected);
    }
}
