//! Logging out: any refresh token of a session ends it, spent or expired ones included.

use claims::{Claims, Delivery, Refresh, Timestamp, Verifier};

use crate::{RevokeReason, RevokeSessions, StoreError};

/// What a logout did. The caller cannot tell which (RFC 7009 s2.2).
#[derive(Debug)]
pub enum Logout {
    /// The session of this token is over.
    Ended(Claims<Refresh>),
    /// The token is refused, for this reason; nothing was changed.
    Ignored(&'static str),
}

/// Revokes the session of a refresh token, also when it was revoked already: a retry completes a half-done logout.
///
/// # Errors
/// When the store fails; a retry completes it.
pub async fn logout(
    token: &str,
    delivery: Delivery,
    now: Timestamp,
    verifier: &Verifier<Refresh>,
    sessions: &impl RevokeSessions,
) -> Result<Logout, StoreError> {
    let claims = match verifier.verify_of_any_age(token, now) {
        Ok(claims) if claims.own().delivery == delivery => claims,
        Ok(_) => return Ok(Logout::Ignored("wrong_delivery")),
        Err(refusal) => return Ok(Logout::Ignored(refusal.reason())),
    };
    sessions
        .revoke(claims.sub(), claims.sid(), RevokeReason::Logout, now)
        .await?;
    Ok(Logout::Ended(claims))
}
