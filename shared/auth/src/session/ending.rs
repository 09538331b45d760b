//! What a request of a user has ended, and how that is to be announced.

use claims::{Millis, Seconds, SessionId, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
    session::Change,
    user::{Status, User},
};

/// How long after something has ended a request to end it is taken for a retry of one whose announcement failed.
const RETRY: Seconds = Seconds::new(60);

/// What a request has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing: it was over before, longer ago than a retry comes.
    Over,
    /// Nothing: there was nothing to end.
    Nothing,
    /// These tokens, just now.
    New(Revocation),
    /// These tokens had been ended a moment ago, by a request that may have failed to announce it.
    Again(Revocation),
}

impl Ending {
    /// Announces it.
    pub(crate) async fn announce(&self, now: Millis, feed: &impl AnnounceRevocations) -> Result<(), StoreError> {
        match self {
            Self::Over | Self::Nothing => Ok(()),
            Self::New(revocation) => feed.announce(revocation, now).await,
            Self::Again(revocation) => feed.announce_again(revocation, now).await,
        }
    }
}

/// What the revocation of a session has ended. The tokens of one that is behind its user's epoch were ended with that.
pub(crate) fn ending_of_session(
    user_id: &UserId,
    sid: &SessionId,
    attempt: &Change,
    user: Option<&User>,
    now: Timestamp,
) -> Ending {
    let (Change::Written(session) | Change::Unchanged(Some(session))) = attempt else {
        return Ending::Over;
    };
    let revocation = Revocation::Session {
        user_id: user_id.clone(),
        sid: sid.clone(),
    };
    let is_current = |user: &User| {
        let is_alive = user.status == Status::Enabled && user.epoch <= session.epoch;
        is_alive || user.was_just_raised(now)
    };
    match (attempt, session.revoked) {
        _ if !user.is_some_and(is_current) => Ending::Over,
        (Change::Written(_), _) => Ending::New(revocation),
        (Change::Unchanged(_), Some((revoked_at, _))) if is_retry(revoked_at, now) => Ending::Again(revocation),
        (Change::Unchanged(_), _) => Ending::Over,
    }
}

/// Whether what ended at a moment may be ended again by a retry.
fn is_retry(ended_at: Timestamp, now: Timestamp) -> bool {
    now < ended_at.plus(RETRY)
}

impl User {
    /// Whether the user's epoch was raised so short a time ago that a retry may announce it.
    pub(crate) fn was_just_raised(&self, now: Timestamp) -> bool {
        self.epoch_raised_at.is_some_and(|at| is_retry(at, now))
    }
}
