//! Sessions as their user sees them: which there are, and ending one.

use claims::{Millis, SessionId, Timestamp, UserId};

use crate::{
    AnnounceRevocations, Attempt, ListSessions, Revocation, RevokeReason, RevokeSessions, Session, StoreError,
    UserStore,
};

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

/// The sessions of a user that can still be refreshed, the last used first.
///
/// # Errors
/// When the store fails.
pub async fn list_sessions(
    user_id: &UserId,
    now: Timestamp,
    users: &impl UserStore,
    sessions: &impl ListSessions,
) -> Result<Vec<Session>, StoreError> {
    let (user, all) = futures::try_join!(users.user(user_id), sessions.sessions(user_id))?;
    let epoch = user.map(|user| user.epoch);
    let mut live: Vec<Session> = all
        .into_iter()
        .filter(|session| !session.is_over(now) && Some(session.epoch) == epoch)
        .collect();
    live.sort_by_key(|session| std::cmp::Reverse((session.last_used_at(), session.sid.clone())));
    Ok(live)
}

/// Ends one session of a user, also when it was over already: a retry completes what was half done.
///
/// # Errors
/// When the user has no such session, or the store fails.
pub async fn revoke_session(
    user_id: &UserId,
    sid: &SessionId,
    now: Millis,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> Result<(), SessionError> {
    let attempt = sessions
        .revoke(user_id, sid, RevokeReason::Revoked, now.timestamp())
        .await?;
    if attempt == Attempt::Unchanged(None) {
        return Err(SessionError::Unknown);
    }
    if let Some(at) = attempt.announced_at(now) {
        let revocation = Revocation::Session {
            user_id: user_id.clone(),
            sid: sid.clone(),
        };
        feed.announce(&revocation, at).await?;
    }
    Ok(())
}
