//! Logging out: any refresh token of a session ends it, spent or expired ones included; a live one can end more.

use claims::{Claims, Delivery, Refresh, Timestamp, Verifier};

use crate::{FindSession, KeepOneSession, RaiseEpoch, RevokeReason, RevokeSessions, StoreError};

/// Which sessions of the user a logout ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutScope {
    /// That of the token.
    Session,
    /// All but that of the token.
    Others,
    /// All.
    All,
}

/// What a logout did. The caller cannot tell which (RFC 7009 s2.2).
#[derive(Debug)]
pub enum Logout {
    /// The sessions are over.
    Ended(Claims<Refresh>),
    /// The token is refused, for this reason; nothing was changed.
    Ignored(&'static str),
}

/// Ends the session of a refresh token, also when it was revoked already, so that a retry completes a half-done logout;
/// or others of its user. That takes a session which is still alive: a token that was lost long ago must not have
/// power over what its owner does today.
///
/// # Errors
/// When the store fails; a retry completes it.
pub async fn logout(
    token: &str,
    delivery: Delivery,
    scope: LogoutScope,
    now: Timestamp,
    verifier: &Verifier<Refresh>,
    sessions: &(impl FindSession + RevokeSessions),
    epochs: &(impl RaiseEpoch + KeepOneSession),
) -> Result<Logout, StoreError> {
    let claims = match verifier.verify_of_any_age(token, now) {
        Ok(claims) if claims.own().delivery == delivery => claims,
        Ok(_) => return Ok(Logout::Ignored("wrong_delivery")),
        Err(refusal) => return Ok(Logout::Ignored(refusal.reason())),
    };
    let (user_id, sid) = (claims.sub(), claims.sid());
    let ended = match scope {
        LogoutScope::Session => {
            sessions.revoke(user_id, sid, RevokeReason::Logout, now).await?;
            true
        }
        LogoutScope::Others | LogoutScope::All => {
            let session = sessions.session(user_id, sid).await?;
            match session.filter(|session| !session.is_over(now)) {
                None => false,
                Some(session) if scope == LogoutScope::Others => epochs.keep_only(&session).await?,
                Some(session) => epochs.raise(user_id, session.epoch).await?,
            }
        }
    };
    Ok(if ended {
        Logout::Ended(claims)
    } else {
        Logout::Ignored("session_over")
    })
}
