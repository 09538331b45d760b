//! The session in which a protected request is made, and its user.

use claims::{SessionId, Timestamp, UserId};

use crate::{
    error::StoreError,
    session::{FindSession, Session},
    user::{Email, FindUser, Status, User},
};

/// A user who makes a request in a live session.
pub(crate) struct LiveCaller {
    pub(crate) user: User,
    pub(crate) email: Email,
    pub(crate) session: Session,
}

/// Returns the caller, if the user may log in and the session is alive.
pub(crate) async fn live_caller(
    user_id: &UserId,
    sid: &SessionId,
    now: Timestamp,
    users: &impl FindUser,
    sessions: &impl FindSession,
) -> Result<Option<LiveCaller>, StoreError> {
    let (user, session) = futures::try_join!(users.user(user_id), sessions.session(user_id, sid))?;
    let Some(user) = user.filter(|user| user.status == Status::Enabled) else {
        return Ok(None);
    };
    let email = user.own_address()?;
    let session = session.filter(|session| !session.is_over(now) && session.epoch == user.epoch);
    Ok(session.map(|session| LiveCaller { user, email, session }))
}
