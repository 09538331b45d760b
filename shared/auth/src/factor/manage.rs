//! Listing and changing the factors of a user.

use claims::{Moment, SessionId, UserId};
use rand::CryptoRng;

use crate::{
    error::StoreError,
    factor::{ChangeFactors, Demand, Factors, FindFactors, RecoveryCodes, ResetFactors, demand_recent},
    feed::{AnnounceRevocations, Revocation},
    sealing::SealError,
    session::{FindSession, LiveCaller, live_caller},
    user::FindUser,
};

/// Why a request about a user's factors failed.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The session is over, or the user may no longer log in.
    #[error("the session is over")]
    Over(UserId),
    /// The user has to authenticate again first.
    #[error("the user has to authenticate again")]
    Demanded {
        /// The user.
        user_id: UserId,
        /// What the session lacks.
        demand: Demand,
    },
    /// The code is wrong or the enrolment is over. The reason is for the log only.
    #[error("refused: {reason}")]
    Refused {
        /// The user.
        user_id: UserId,
        /// The reason.
        reason: &'static str,
    },
    /// The user has such a factor already.
    #[error("the user has such a factor already")]
    Conflict(UserId),
    /// The user has no such factor.
    #[error("the user has no such factor")]
    NotFound(UserId),
    /// Another request has changed the user, the session or the factors in the meantime. Nothing was changed.
    #[error("the user was changed at the same time")]
    Overtaken(UserId),
    /// A seed could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FactorError {
    pub(crate) fn demanded(user_id: &UserId, demand: Demand) -> Self {
        Self::Demanded {
            user_id: user_id.clone(),
            demand,
        }
    }
}

/// Returns the caller's factors.
///
/// # Errors
/// If the session is over or the store fails.
pub async fn list_factors(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &impl FindFactors,
) -> Result<Factors, FactorError> {
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    Ok(factors.factors(user_id).await?)
}

/// Removes the app that makes codes. If no factor is left, the recovery codes go with it.
///
/// # Errors
/// If the session is over, has not proven a second factor or is too old, the user has no app, or the store fails.
pub async fn remove_totp(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &(impl FindFactors + ChangeFactors),
) -> Result<(), FactorError> {
    check_recent(user_id, sid, now, users, sessions).await?;
    let seen = factors.factors(user_id).await?;
    if seen.totp.is_none() {
        return Err(FactorError::NotFound(user_id.clone()));
    }
    if factors.remove_totp(user_id, &seen, now).await? {
        return Ok(());
    }
    Err(FactorError::Overtaken(user_id.clone()))
}

/// Replaces all recovery codes of the user.
///
/// # Errors
/// If the session is over, has not proven a second factor or is too old, the user has no factor, or the store fails.
pub async fn renew_recovery(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    rng: &mut impl CryptoRng,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &impl ChangeFactors,
) -> Result<RecoveryCodes, FactorError> {
    let codes = RecoveryCodes::draw(rng);
    let caller = check_recent(user_id, sid, now, users, sessions).await?;
    if caller.user.factors.is_none() {
        return Err(FactorError::NotFound(user_id.clone()));
    }
    if factors.replace_recovery(user_id, &codes.hashes(), now).await? {
        return Ok(codes);
    }
    Err(FactorError::NotFound(user_id.clone()))
}

/// Returns the caller, if they have authenticated as a change of factors demands.
pub(crate) async fn check_recent(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl FindSession,
) -> Result<LiveCaller, FactorError> {
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let caller = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    demand_recent(&caller.user, &caller.session, now.timestamp())
        .map_err(|demand| FactorError::demanded(user_id, demand))?;
    Ok(caller)
}

/// Removes all factors of a user who has lost them, and ends all their sessions. Only an operator does this, with
/// a reason. Returns whether the user exists.
///
/// # Errors
/// If the store fails. If the announcement failed, the factors are gone, and a retry announces it.
pub async fn reset_factors(
    user_id: &UserId,
    reason: &str,
    now: Moment,
    factors: &impl ResetFactors,
    feed: &impl AnnounceRevocations,
) -> Result<bool, StoreError> {
    let Some(least) = factors.reset_factors(user_id, reason, now).await? else {
        return Ok(false);
    };
    let revocation = Revocation::Epoch {
        user_id: user_id.clone(),
        least,
        except: None,
    };
    feed.announce(&revocation, now).await?;
    Ok(true)
}
