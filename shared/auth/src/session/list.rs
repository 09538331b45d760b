//! Sessions as their user sees them: which there are, and ending one.

use claims::{Millis, SessionId, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::AnnounceRevocations,
    session::{Alive, Change, ListSessions, RevokeReason, RevokeSessions, SessionPage, ending::ending_of_session},
    user::FindUser,
};

/// The most sessions that one list has.
pub const MAX_LIST: usize = 100;
/// How many of the sessions that are kept are read at once, dead ones included.
const READ_AT_ONCE: usize = MAX_LIST;
/// How many times one list reads: enough for a user who ended hundreds of sessions since the ones that are alive.
const MAX_READS: usize = 8;

/// Why a session could not be ended; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The user has no such session; whether somebody else has is not said.
    #[error("the user has no such session")]
    Unknown,
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The sessions of a user that can still be refreshed, the newest first: `limit` of them at most, or those that go on before
/// another one. Dead sessions are read too, so a list may be shorter, or empty, and still have a next one: what one list
/// costs does not grow with the number of sessions.
///
/// # Errors
/// When the store fails.
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

/// Ends one session of a user, also when it was over already: a retry completes what was half done.
///
/// # Errors
/// When the user has no such session, or the store fails.
pub async fn revoke_session(
    user_id: &UserId,
    sid: &SessionId,
    now: Millis,
    users: &impl FindUser,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> Result<(), SessionError> {
    let (user, attempt) = futures::try_join!(
        users.user(user_id),
        sessions.revoke(user_id, sid, RevokeReason::Revoked, now.timestamp())
    )?;
    if attempt == Change::Unchanged(None) {
        return Err(SessionError::Unknown);
    }
    let ending = ending_of_session(user_id, sid, &attempt, user.as_ref(), now.timestamp());
    Ok(ending.announce(now, feed).await?)
}
