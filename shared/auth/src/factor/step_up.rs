//! Confirming in a session who one is (step-up): the password and, if the user has one, a second factor.

use claims::{Access, Acr, Amr, Moment, SessionId, SignError, SignedToken, Span, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, CountSources, CountSuccesses, ReadFailures, Success},
    error::StoreError,
    factor::{FactorKeys, FindFactors, ProveError, Proven, Prover, RecoveryCode, SecondProof, StepUp, Way},
    keys::Signer,
    mail::QueueNotice,
    password::{Asker, CurrentPasswordError, FindPassword, HashError, Hasher, Password, check_current},
    session::{FRESH, FindSession, Issuing, LiveCaller, Session, access_draft, live_caller},
    user::{FactorKinds, FindUser},
};

/// A request to confirm who one is.
#[derive(Debug)]
pub struct Confirmation<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made.
    pub sid: &'a SessionId,
    /// The password.
    pub password: &'a Password,
    /// The second factor, if the person has sent one.
    pub second: Option<SecondProof<'a>>,
}

/// A user who has confirmed who they are.
#[derive(Debug)]
pub struct Confirmed {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub sid: SessionId,
    /// An access token of the session with the new time and methods.
    pub access: SignedToken<Access>,
    /// The level that the session has reached.
    pub acr: Acr,
    /// How long the token is valid.
    pub expires_in: Span,
    /// The recovery code that takes the place of the one that was used.
    pub replacement: Option<RecoveryCode>,
}

/// Why a confirmation failed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The session is over, or the user may no longer log in.
    #[error("the session is over")]
    Over(UserId),
    /// The password is wrong, or the code is wrong or was used before. All have the same response.
    #[error("refused: {reason}")]
    Refused {
        /// The user.
        user_id: UserId,
        /// The reason, which is for the log only.
        reason: &'static str,
    },
    /// The password is right, and the user has a second factor but sent none.
    #[error("a second factor is required")]
    SecondRequired {
        /// The user.
        user_id: UserId,
        /// The kinds of factor that the user has.
        factors: FactorKinds,
    },
    /// There were too many attempts before this one.
    #[error("too many attempts")]
    Throttled {
        /// The user.
        user_id: UserId,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Checks the password of the user and their second factor, if they have one, and returns an access token that says so.
/// The refresh token of the session stays as it is, and its next access tokens say so too. The password alone is never
/// more than one factor.
///
/// The attempt at the password is counted in the lane of the session, as for a change of password. Codes are counted as
/// in the second step of a login.
///
/// # Errors
/// If the session is over, the password or the code is wrong, there were too many attempts, the user has a second factor
/// and sent none, or hashing, the store or the keys fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn confirm<S: Signer<Access>>(
    confirmation: Confirmation<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    hasher: &Hasher,
    keys: &FactorKeys,
    users: &(impl FindPassword + FindUser),
    attempts: &(impl CountAttempts + CountSources + CountSuccesses + ReadFailures),
    sessions: &impl FindSession,
    factors: &(impl FindFactors + StepUp),
    outbox: &impl QueueNotice,
) -> Result<Confirmed, ConfirmError> {
    let Confirmation { user_id, sid, .. } = confirmation;
    let ([attempt, token_id], gate) = (
        [TokenId::draw(now, rng), TokenId::draw(now, rng)],
        Prover::draw(now, rng),
    );
    issuing.signer.ready(now.timestamp())?;
    let over = || ConfirmError::Over(user_id.clone());
    let refused = |reason| ConfirmError::Refused {
        user_id: user_id.clone(),
        reason,
    };
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let LiveCaller { user, email, session } = caller.ok_or_else(over)?;
    let asker = Asker {
        user_id,
        sid,
        email: &email,
        is_fresh: now.timestamp() < session.auth_time.plus(FRESH),
    };
    let success = Success::Confirmation(user_id.clone());
    let checked = check_current(
        asker,
        confirmation.password,
        &attempt,
        &success,
        now,
        hasher,
        users,
        attempts,
    );
    let stored = checked.await.map_err(|error| map_password_error(error, user_id))?;

    let proven = match (user.factors.is_none(), confirmation.second) {
        (true, _) => None,
        (false, None) => {
            return Err(ConfirmError::SecondRequired {
                user_id: user_id.clone(),
                factors: user.factors,
            });
        }
        (false, Some(proof)) => {
            let way = Way::Password(stored.password_changed_at);
            let proven = gate.prove(proof, user_id, &way, now, keys, factors, attempts, outbox);
            Some(proven.await.map_err(|error| map_prove_error(error, user_id))?)
        }
    };
    // Only what was proven now, since it belongs to the new time: the session may have begun with a factor that the user
    // has removed.
    let amr = match &proven {
        None => Amr::PASSWORD,
        Some(_) => Amr::PASSWORD_AND_CODE,
    };
    let spend = proven.as_ref().map(Proven::spend);
    if !factors.step_up(&session, amr, now.timestamp(), spend, now).await? {
        return Err(refused("used_code"));
    }
    if let Some(proven) = &proven {
        proven.clear(attempts).await;
    }
    let session = Session {
        amr,
        auth_time: now.timestamp(),
        ..session
    };
    let draft = access_draft(&user, &session, now, token_id, issuing.terms);
    Ok(Confirmed {
        user_id: user.id,
        sid: session.sid,
        access: issuing.signer.sign(&draft).await?,
        acr: amr.acr(),
        expires_in: issuing.terms.lifetimes.access,
        replacement: proven.and_then(|proven| proven.accepted.replacement),
    })
}

fn map_password_error(error: CurrentPasswordError, user_id: &UserId) -> ConfirmError {
    let user_id = user_id.clone();
    match error {
        CurrentPasswordError::Gone => ConfirmError::Over(user_id),
        CurrentPasswordError::Wrong => ConfirmError::Refused {
            user_id,
            reason: "wrong_password",
        },
        CurrentPasswordError::Throttled(retry_after) => ConfirmError::Throttled { user_id, retry_after },
        CurrentPasswordError::Store(error) => error.into(),
        CurrentPasswordError::Hash(error) => error.into(),
    }
}

fn map_prove_error(error: ProveError, user_id: &UserId) -> ConfirmError {
    match error {
        ProveError::Refused(reason) => ConfirmError::Refused {
            user_id: user_id.clone(),
            reason,
        },
        ProveError::Throttled(retry_after) => ConfirmError::Throttled {
            user_id: user_id.clone(),
            retry_after,
        },
        ProveError::Store(error) => error.into(),
    }
}
