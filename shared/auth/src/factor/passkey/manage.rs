//! Naming and removing passkeys.

use claims::{Moment, SessionId, UserId};
use webauthn::CredentialId;

use crate::{
    factor::{ChangeFactors, FactorError, FindFactors, check_recent, demand_factor},
    session::{FindSession, live_caller},
    user::FindUser,
};

/// Gives a passkey another name.
///
/// # Errors
/// If the session is over or has not proven a second factor, the user has no such passkey, or the store fails.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn rename_passkey(
    user_id: &UserId,
    sid: &SessionId,
    id: &CredentialId,
    label: &str,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &impl ChangeFactors,
) -> Result<(), FactorError> {
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let caller = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    demand_factor(&caller.user, &caller.session).map_err(|demand| FactorError::demanded(user_id, demand))?;
    if factors.rename_passkey(user_id, id, label).await? {
        return Ok(());
    }
    Err(FactorError::NotFound(user_id.clone()))
}

/// Removes a passkey. If no factor is left, the recovery codes go with it.
///
/// # Errors
/// If the session is over, has not proven a second factor or is too old, the user has no such passkey, another request has
/// changed the factors, or the store fails.
pub async fn remove_passkey(
    user_id: &UserId,
    sid: &SessionId,
    id: &CredentialId,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &(impl FindFactors + ChangeFactors),
) -> Result<(), FactorError> {
    check_recent(user_id, sid, now, users, sessions).await?;
    let seen = factors.factors(user_id).await?;
    if seen.passkey(id).is_none() {
        return Err(FactorError::NotFound(user_id.clone()));
    }
    if factors.remove_passkey(user_id, id, &seen, now).await? {
        return Ok(());
    }
    Err(FactorError::Overtaken(user_id.clone()))
}
