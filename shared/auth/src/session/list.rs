//! Listing a user's sessions, and ending one of them.

use claims::{Moment, SessionId, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::AnnounceRevocations,
    session::{
        Alive, Change, ListSessions, RevokeReason, RevokeSessions, SessionPage,
        ending::{Ending, ending_of_session},
    },
    user::FindUser,
};

/// The maximum number of sessions in one list.
pub const MAX_LIST: usize = 100;
/// How many stored sessions one read covers, including ended ones.
const READ_AT_ONCE: usize = MAX_LIST;
/// The maximum number of reads for one list. They are enough to get past hundreds of ended sessions that are newer than
/// the live ones.
const MAX_READS: usize = 8;

/// Why a session could not be ended. If the store failed, the session may have ended; a retry completes the request.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The user has no such session. Whether another user has it is not revealed.
    #[error("the user has no such session")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the sessions of a user that can still be refreshed, newest first: at most `limit` of them, and only those
/// older than the session `before` if it is given. Ended sessions have to be read too. To limit its cost, one list
/// reads at most a fixed number of stored sessions. A list may therefore be shorter than `limit`, or empty, and still
/// have a next page.
///
/// # Errors
/// If the store fails.
pub async fn list_sessions(
    user_id: &UserId,
    before: Option<SessionId>,
    limit: usize,
    now: Timestamp,
    users: &impl FindUser,
    sessions: &impl ListSessions,
) -> Result<SessionPage, StoreError> {
    let Some(user) = users.user(user_id).await? else {
        return Ok(SessionPage::default());
    };
    let alive = Alive {
        user_id,
        epoch: user.epoch,
        now,
    };
    let (mut found, mut next) = (Vec::new(), before);
    for _ in 0..MAX_READS {
        let page = sessions.page(alive, next.as_ref(), READ_AT_ONCE).await?;
        found.extend(page.sessions);
        next = page.next;
        if found.len() >= limit || next.is_none() {
            break;
        }
    }
    if found.len() > limit {
        found.truncate(limit);
        next = found.last().map(|session| session.sid.clone());
    }
    Ok(SessionPage { sessions: found, next })
}

/// Ends one session of a user. Ending it again succeeds too, so a retry completes a half-done request.
///
/// # Errors
/// If the user has no such session, or the store fails.
pub async fn revoke_session(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> Result<(), SessionError> {
    let revoked = sessions.revoke(user_id, sid, RevokeReason::Revoked, now.timestamp());
    // An error of one call does not cancel the other: the session ends even if the user cannot be read.
    let (user, attempt) = futures::join!(users.user(user_id), revoked);
    let attempt = attempt?;
    match ending_of_session(user_id, sid, &attempt, user?.as_ref(), now.timestamp()) {
        Ending::Over | Ending::Nothing => {}
        Ending::New(revocation) => feed.announce(&revocation, now).await?,
        Ending::Again(revocation) => feed.announce_again(&revocation, now).await?,
    }
    if attempt == Change::Unchanged(None) {
        return Err(SessionError::Unknown);
    }
    Ok(())
}
