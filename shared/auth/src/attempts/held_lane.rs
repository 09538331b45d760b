//! The lanes of an account in which attempts have to wait, and how an operator opens them again.

use claims::{Moment, Timestamp, TokenId, UserId};

use crate::{
    attempts::{Admission, AttemptRecord, Lane, LaneKind, ManageAttempts, Pseudonym, UsedUp},
    error::StoreError,
};

/// How a lane holds attempts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The next attempt is admitted at a time.
    Waits,
    /// The lane is used up, and shares one attempt per [`crate::attempts::MAX_WAIT`] with all other such lanes of the account.
    Shared,
    /// The lane is used up, and admits no attempt before its failures are forgotten. A login from the device is counted
    /// like one from elsewhere.
    Closed,
}

impl Hold {
    /// Returns the name for output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Shared => "shared",
            Self::Closed => "closed",
        }
    }
}

/// A lane in which the next attempt has to wait, or which is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLane {
    /// The name of the lane in the log.
    pub lane: &'static str,
    /// The key of the lane: a device, a source, a session, a request, or when the password was set.
    pub key: String,
    /// The failures in the lane.
    pub failures: u64,
    /// How it holds attempts up.
    pub hold: Hold,
    /// When the next attempt is admitted, which may be now.
    pub until: Timestamp,
}

/// Returns the lanes of an account that hold attempts up at `now`. `next` is a new id, as the next attempt would have.
/// A lane without failures of its own is left out, even if the budget of its kind is used up.
///
/// # Errors
/// If the store fails.
pub async fn held_lanes(
    address: &Pseudonym,
    user_id: &UserId,
    next: &TokenId,
    now: Moment,
    attempts: &impl ManageAttempts,
) -> Result<Vec<HeldLane>, StoreError> {
    let mut held = Vec::new();
    for (kind, key) in LaneKind::ALL.into_iter().zip(Lane::records_of(address, user_id)) {
        let Some(record) = attempts.attempts(&key).await? else {
            continue;
        };
        let lanes = record.lanes.keys().filter_map(|key| kind.lane(address, user_id, key));
        held.extend(lanes.filter_map(|lane| hold_of(&lane, &record, next, now)));
    }
    Ok(held)
}

/// Forgets all attempts in the lanes of these kinds at an account.
///
/// # Errors
/// If the store fails. A second call completes the first.
pub async fn unlock(
    address: &Pseudonym,
    user_id: &UserId,
    kinds: &[LaneKind],
    attempts: &impl ManageAttempts,
) -> Result<(), StoreError> {
    let records = LaneKind::ALL.into_iter().zip(Lane::records_of(address, user_id));
    for (_, record) in records.filter(|(kind, _)| kinds.contains(kind)) {
        attempts.remove_attempts(&record).await?;
    }
    Ok(())
}

fn hold_of(lane: &Lane, record: &AttemptRecord, next: &TokenId, now: Moment) -> Option<HeldLane> {
    if record.is_forgotten(lane, now) {
        return None;
    }
    let forgotten = record.all.at.timestamp().plus(lane.forgotten_after());
    let after = |wait| now.timestamp().plus(wait);
    let (hold, until) = match (record.admit(lane, next, now), lane.used_up()) {
        (Admission::Closed, _) => (Hold::Closed, forgotten),
        (Admission::Wait(wait), UsedUp::Shared) if record.is_used_up(lane) => (Hold::Shared, after(wait)),
        (Admission::Wait(wait), _) => (Hold::Waits, after(wait)),
        (Admission::Admitted, UsedUp::Shared) if record.is_used_up(lane) => (Hold::Shared, now.timestamp()),
        (Admission::Admitted, _) => return None,
    };
    Some(HeldLane {
        lane: lane.name(),
        key: lane.key().to_owned(),
        failures: record.lanes.get(lane.key()).map_or(0, |own| own.failures),
        hold,
        until,
    })
}
