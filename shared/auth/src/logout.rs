//! Logging out: any refresh token of a session ends it, spent or expired ones included; a live one can end more.

use claims::{Claims, Delivery, Millis, Refresh, Refusal, Verifier};

use crate::{
    AnnounceRevocations, FindSession, KeepOneSession, RaiseEpoch, Revocation, RevokeReason, RevokeSessions, StoreError,
};

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
    /// The token does not verify; nothing was changed.
    Refused(Refusal),
    /// The token is one of ours that ends nothing, for this reason; nothing was changed.
    Ignored(&'static str),
}

/// Ends the session of a refresh token, also when it was revoked already, so that a retry completes a half-done logout;
/// or others of its user. That takes a session which is still alive: a token that was lost long ago must not have
/// power over what its owner does today.
///
/// # Errors
/// When the store fails; a retry completes it.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn logout(
    token: &str,
    delivery: Delivery,
    scope: LogoutScope,
    now: Millis,
    verifier: &Verifier<Refresh>,
    sessions: &(impl FindSession + RevokeSessions),
    epochs: &(impl RaiseEpoch + KeepOneSession),
    feed: &impl AnnounceRevocations,
) -> Result<Logout, StoreError> {
    let claims = match verifier.verify_of_any_age(token, now.timestamp()) {
        Ok(claims) if claims.own().delivery == delivery => claims,
        Ok(_) => return Ok(Logout::Ignored("wrong_delivery")),
        Err(refusal) => return Ok(Logout::Refused(refusal)),
    };
    let revocation = match scope {
        LogoutScope::Session => end(&claims, now, sessions).await?,
        LogoutScope::Others | LogoutScope::All => end_many(&claims, scope, now, sessions, epochs).await?,
    };
    Ok(match revocation {
        None => Logout::Ignored("session_over"),
        Some((at, revocation)) => {
            feed.announce(&revocation, at).await?;
            Logout::Ended(claims)
        }
    })
}

/// Ends the session of the token. One that ended so long ago that no access token is left of it needs no announcement.
async fn end(
    claims: &Claims<Refresh>,
    now: Millis,
    sessions: &impl RevokeSessions,
) -> Result<Option<(Millis, Revocation)>, StoreError> {
    let (user_id, sid) = (claims.sub(), claims.sid());
    let attempt = sessions
        .revoke(user_id, sid, RevokeReason::Logout, now.timestamp())
        .await?;
    let at = attempt.announced_at(now);
    Ok(at.map(|at| {
        let revocation = Revocation::Session {
            user_id: user_id.clone(),
            sid: sid.clone(),
        };
        (at, revocation)
    }))
}

/// Ends the other sessions of the user, or all. Where their epoch has moved on already, an earlier try of this may have
/// done that and failed to announce it; a session that somebody kept meanwhile refreshes once more than it had to.
async fn end_many(
    claims: &Claims<Refresh>,
    scope: LogoutScope,
    now: Millis,
    sessions: &impl FindSession,
    epochs: &(impl RaiseEpoch + KeepOneSession),
) -> Result<Option<(Millis, Revocation)>, StoreError> {
    let session = sessions.session(claims.sub(), claims.sid()).await?;
    let Some(session) = session.filter(|session| !session.is_over(now.timestamp())) else {
        return Ok(None);
    };
    let revocation = |except| Revocation::Epoch {
        user_id: session.user_id.clone(),
        least: session.epoch.saturating_add(1),
        except,
    };
    if scope == LogoutScope::Others {
        let kept = epochs.keep_only(&session).await?;
        return Ok(kept.then(|| (now, revocation(Some(session.sid.clone())))));
    }
    epochs.raise(&session.user_id, session.epoch).await?;
    Ok(Some((now, revocation(None))))
}
