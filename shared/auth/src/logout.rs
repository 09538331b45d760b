//! Logging out: any refresh token of a session ends it, spent or expired ones included.

use claims::{Claims, Delivery, Refresh, Refusal, Timestamp, Verifier};

use crate::{RevokeReason, SessionStore, StoreError};

/// Why a logout changed nothing. The caller is told so only of the last.
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    /// The token does not verify.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The token came by another way than it was issued for.
    #[error("the refresh token came by another delivery than its own")]
    WrongDelivery,
    /// The store did not do its part; a retry completes it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Revokes the session of a refresh token, also when it was revoked already: a retry completes a half-done logout.
///
/// # Errors
/// When the token is refused, which changes nothing, or the store fails.
pub async fn logout(
    token: &str,
    delivery: Delivery,
    now: Timestamp,
    verifier: &Verifier<Refresh>,
    sessions: &impl SessionStore,
) -> Result<Claims<Refresh>, LogoutError> {
    let claims = verifier.verify_of_any_age(token, now)?;
    if claims.own().delivery != delivery {
        return Err(LogoutError::WrongDelivery);
    }
    sessions
        .revoke(claims.sub(), claims.sid(), RevokeReason::Logout, now)
        .await?;
    Ok(claims)
}
