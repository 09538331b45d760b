//! Logging out. Any refresh token of a session ends that session, even if the token is spent or expired, and no matter
//! how it is presented. A token of a live session can also end the user's other sessions.

use claims::{Claims, Moment, Refresh, Refusal, SessionId};

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation, Share},
    session::{
        FindOtherSession, FindSession, KeepOneSession, RevokeReason, RevokeSessions, Session,
        ending::{Ending, ending_of_session},
    },
    user::{FindUser, RaiseEpoch, Status, User},
};

/// Which of the user's sessions a logout ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutScope {
    /// The session of the token.
    Session,
    /// All sessions but that of the token.
    Others,
    /// All sessions.
    All,
}

/// The result of a logout. The response does not depend on it (RFC 7009 s2.2).
#[derive(Debug)]
pub enum Logout {
    /// The sessions are over.
    Ended(Claims<Refresh>),
    /// The token is invalid. Nothing was changed.
    Refused(Refusal),
    /// The token is valid, but the logout ended nothing, for this reason.
    Ignored(&'static str),
}

/// Ends the session of a verified refresh token, all other sessions of its user, or all sessions, depending on `scope`.
/// If the session was revoked a moment ago, its end is announced again, so that a retry completes a half-done logout.
/// Ending other sessions requires that the session of the token is still alive: a token that was lost long ago must not
/// affect the current sessions of its owner.
///
/// # Errors
/// If the store fails. A retry within a minute completes the logout.
pub async fn logout(
    claims: Claims<Refresh>,
    scope: LogoutScope,
    now: Moment,
    users: &impl FindUser,
    sessions: &(impl FindSession + FindOtherSession + RevokeSessions),
    epochs: &(impl RaiseEpoch + KeepOneSession),
    feed: &impl AnnounceRevocations,
) -> Result<Logout, StoreError> {
    let (ending, share) = match scope {
        LogoutScope::Session => end(&claims, now, users, sessions).await?,
        LogoutScope::Others | LogoutScope::All => end_many(&claims, scope, now, users, sessions, epochs, feed).await?,
    };
    let share = match (share, &ending) {
        (Some(share), _) => share,
        (None, Ending::Over) => return Ok(Logout::Ignored("session_over")),
        (None, Ending::Nothing) => return Ok(Logout::Ended(claims)),
        (None, Ending::New(_) | Ending::Again(_)) => feed.reserve(claims.sub(), now).await?,
    };
    ending.announce(share, claims.sub(), now, feed).await?;
    Ok(match ending {
        Ending::Over => Logout::Ignored("session_over"),
        Ending::Nothing | Ending::New(_) | Ending::Again(_) => Logout::Ended(claims),
    })
}

/// What has ended, and the share that was reserved for its announcement, if one was.
type Ended = (Ending, Option<Share>);

/// Ends the session of the token. No share is reserved while the session is being revoked, because the session may have
/// ended long ago. If a share were reserved, many requests for such a session could use up the owner's announcements.
async fn end(
    claims: &Claims<Refresh>,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl RevokeSessions,
) -> Result<Ended, StoreError> {
    let (user_id, sid) = (claims.sub(), claims.sid());
    let revoked = sessions.revoke(user_id, sid, RevokeReason::Logout, now.timestamp());
    // An error of one call does not cancel the other: the session ends even if the user cannot be read.
    let (user, attempt) = futures::join!(users.user(user_id), revoked);
    let ending = ending_of_session(user_id, sid, &attempt?, user?.as_ref(), now.timestamp());
    Ok((ending, None))
}

/// Ends the user's other sessions, or all of them. If an earlier request has just ended these sessions by raising the
/// user's epoch, the epoch is announced again, because that request may have failed to announce it.
async fn end_many(
    claims: &Claims<Refresh>,
    scope: LogoutScope,
    now: Moment,
    users: &impl FindUser,
    sessions: &(impl FindSession + FindOtherSession),
    epochs: &(impl RaiseEpoch + KeepOneSession),
    feed: &impl AnnounceRevocations,
) -> Result<Ended, StoreError> {
    let (user_id, sid) = (claims.sub(), claims.sid());
    let (user, session) = futures::try_join!(users.user(user_id), sessions.session(user_id, sid))?;
    let session = session.filter(|session| !session.is_over(now.timestamp()));
    let user = user.filter(|user| user.status == Status::Enabled);
    let (Some(user), Some(session)) = (user, session) else {
        return Ok((Ending::Over, None));
    };
    match scope {
        LogoutScope::Others if session.epoch < user.epoch => Ok((Ending::Over, None)),
        LogoutScope::Others => end_others(&user, session, now, sessions, epochs, feed).await,
        LogoutScope::Session | LogoutScope::All => end_all(&user, &session, now, epochs, feed).await,
    }
}

async fn end_all(
    user: &User,
    session: &Session,
    now: Moment,
    epochs: &impl RaiseEpoch,
    feed: &impl AnnounceRevocations,
) -> Result<Ended, StoreError> {
    let revocation = epoch_revocation(user, session.epoch.saturating_add(1), None);
    if session.epoch < user.epoch {
        let is_retry = user.was_just_raised(now.timestamp());
        let ending = if is_retry {
            Ending::Again(revocation)
        } else {
            Ending::Over
        };
        return Ok((ending, None));
    }
    let raised = epochs.raise(&user.id, session.epoch, now.timestamp());
    let (is_raised, share) = futures::join!(raised, feed.reserve(&user.id, now));
    let ending = if is_raised? {
        Ending::New(revocation)
    } else {
        Ending::Again(revocation)
    };
    Ok((ending, Some(share?)))
}

/// Ends the user's other sessions. If no other session is alive, nothing is written.
async fn end_others(
    user: &User,
    session: Session,
    now: Moment,
    sessions: &impl FindOtherSession,
    epochs: &impl KeepOneSession,
    feed: &impl AnnounceRevocations,
) -> Result<Ended, StoreError> {
    if sessions.has_other(&session, now.timestamp()).await? {
        let kept = epochs.keep_only(&session, now.timestamp());
        let (is_kept, share) = futures::join!(kept, feed.reserve(&user.id, now));
        let revocation = epoch_revocation(user, session.epoch.saturating_add(1), Some(session.sid));
        let ending = if is_kept? {
            Ending::New(revocation)
        } else {
            Ending::Over
        };
        return Ok((ending, Some(share?)));
    }
    let ending = if user.was_just_raised(now.timestamp()) {
        Ending::Again(epoch_revocation(user, session.epoch, Some(session.sid)))
    } else {
        Ending::Nothing
    };
    Ok((ending, None))
}

fn epoch_revocation(user: &User, least: u64, except: Option<SessionId>) -> Revocation {
    Revocation::Epoch {
        user_id: user.id.clone(),
        least,
        except,
    }
}
