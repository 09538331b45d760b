//! What a user's request has ended, and how this end is announced.

use claims::{Moment, SessionId, Span, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation, Share},
    session::Change,
    user::{Status, User},
};

/// For how long after sessions have ended a request to end them again counts as a retry. A retry announces their end
/// again, because the announcement of the first request may have failed.
const RETRY: Span = Span::seconds(60);

/// What a request has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing: there is no such session, it was over already and the request is not a retry, or another request
    /// changed it at the same time.
    Over,
    /// Nothing: there was no other session to end.
    Nothing,
    /// These tokens, which the request has ended just now.
    New(Revocation),
    /// These tokens, which an earlier request ended a moment ago. That request may have failed to announce their end.
    Again(Revocation),
}

impl Ending {
    /// Announces the end of these tokens, with a share that was reserved for this. If nothing has ended, the share is
    /// given back.
    pub(crate) async fn announce(
        &self,
        share: Share,
        user_id: &UserId,
        now: Moment,
        feed: &impl AnnounceRevocations,
    ) -> Result<(), StoreError> {
        match self {
            Self::Over | Self::Nothing => {
                feed.give_back(share, user_id, now).await;
                Ok(())
            }
            Self::New(revocation) => feed.announce_reserved(share, revocation, now).await,
            Self::Again(revocation) => feed.announce_reserved_again(share, revocation, now).await,
        }
    }
}

/// Returns what the revocation of a session has ended. If the user is gone, is disabled or has a later epoch than the
/// session, the tokens of the session had already ended, and the revocation ends nothing more. A user whose epoch was
/// raised a moment ago is an exception: the announcement of the epoch may have failed, so the end of the session is
/// announced too.
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

/// Returns whether something that ended at `ended_at` may be announced again by a retry.
fn is_retry(ended_at: Timestamp, now: Timestamp) -> bool {
    now < ended_at.plus(RETRY)
}

impl User {
    /// Returns whether the user's epoch was raised so recently that a retry may announce it again.
    pub(crate) fn was_just_raised(&self, now: Timestamp) -> bool {
        self.epoch_raised_at.is_some_and(|at| is_retry(at, now))
    }
}
