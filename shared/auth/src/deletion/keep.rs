//! Keeping an account that its owner has deleted, with the link from the letter and the password.

use claims::{LinkClaims, Moment, SignError, Span, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, Pseudonym, ReadFailures},
    deletion::{CancelDeletion, Deletion},
    error::StoreError,
    factor::{FactorKeys, FindFactors, ProveError, Proven, Prover, RecoveryCode, SecondProof, Way},
    mail::{Account, ProofError, Proofs, QueueNotice},
    password::{FindPassword, HashError, Hasher, Password},
    user::{FactorKinds, FindUser, Status},
};

/// A link that keeps an account.
#[derive(Debug)]
pub struct Keeping<'a> {
    /// The token of the link.
    pub token: &'a str,
    /// The password that the person typed.
    pub password: &'a Password,
    /// The second factor, if the person has sent one.
    pub second: Option<SecondProof<'a>>,
}

/// An account that was kept.
#[derive(Debug)]
pub struct Kept {
    /// The user.
    pub user_id: UserId,
    /// The recovery code that takes the place of the one that was used. If the request is repeated because its answer was
    /// lost, nobody sees this code.
    pub replacement: Option<RecoveryCode>,
}

/// Why an account was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The link is invalid, over or used, or the account was removed. All have the same response.
    #[error("the link is refused: {0}")]
    Refused(&'static str),
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// There were too many attempts before this one.
    #[error("too many attempts")]
    Throttled {
        /// The pseudonym of the user's address.
        address: Pseudonym,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The link and the password are right, and the user has a second factor but sent none.
    #[error("a second factor is required")]
    SecondRequired {
        /// The user.
        user_id: UserId,
        /// The kinds of factor that the user has.
        factors: FactorKinds,
    },
    /// The second factor was not accepted.
    #[error(transparent)]
    Second(#[from] ProveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key could not be used.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<ProofError> for KeepError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused(reason) => Self::Refused(reason),
            ProofError::Throttled { address, retry_after } => Self::Throttled { address, retry_after },
            ProofError::Store(error) => error.into(),
            ProofError::Sign(error) => error.into(),
        }
    }
}

/// Undoes the deletion of an account. The user can log in again, and no session comes back. The link is for one deletion:
/// used again, it changes nothing, and it does not undo a later one. It still works if somebody has changed the password,
/// since the owner can set a new one by mail. A user with a second factor has to prove it too.
///
/// # Errors
/// If the link is refused, the password is wrong, there were too many attempts, or hashing or the store fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn keep_account(
    keeping: Keeping<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    proofs: Proofs<'_>,
    hasher: &Hasher,
    keys: &FactorKeys,
    users: &(impl FindPassword + FindUser),
    deletions: &impl CancelDeletion,
    factors: &impl FindFactors,
    attempts: &(impl CountAttempts + ReadFailures),
    outbox: &impl QueueNotice,
) -> Result<Kept, KeepError> {
    let (attempt, gate) = (TokenId::draw(now, rng), Prover::draw(now, rng));
    let claims = proofs.verify(keeping.token, now)?;
    let LinkClaims::KeepAccount { address } = claims.own() else {
        return Err(KeepError::Refused("other_use"));
    };
    let account = Account::of_user(claims.sub(), users).await?;
    let account =
        account.filter(|account| account.user.status.is_recoverable() && proofs.has_address(address, account));
    let account = account.ok_or(KeepError::Refused("used_link"))?;
    if account
        .user
        .delete_at
        .is_some_and(|delete_at| delete_at != claims.exp())
    {
        return Err(KeepError::Refused("used_link"));
    }
    let request = claims.jti().to_string();
    let lane = proofs
        .count_for(request.clone(), &account.email, &attempt, now, attempts)
        .await?;
    let (user_id, kinds) = (account.user.id, account.user.factors);
    if !hasher
        .check(&account.credentials.password_hash, keeping.password)
        .await?
    {
        return Err(KeepError::WrongPassword(user_id));
    }
    attempts.clear(&lane).await?;
    let Some(delete_at) = account.user.delete_at else {
        // The same request may come again, because its answer was lost. It changes nothing.
        return Ok(Kept {
            user_id,
            replacement: None,
        });
    };
    let proven = match (kinds.is_none(), keeping.second) {
        (true, _) => None,
        (false, None) => {
            return Err(KeepError::SecondRequired {
                user_id,
                factors: kinds,
            });
        }
        (false, Some(proof)) => {
            let way = Way::Mail(request);
            let proven = gate.prove(proof, &user_id, &way, now, keys, factors, attempts, outbox);
            Some(proven.await?)
        }
    };
    let spend = proven.as_ref().map(Proven::spend);
    let deletion = Deletion { user_id, delete_at };
    let is_cancelled = deletions.cancel(&deletion, spend, now).await?;
    if let (Some(proven), true) = (&proven, is_cancelled) {
        proven.clear(attempts).await;
    }
    let is_kept = is_cancelled || is_enabled(&deletion.user_id, users).await?;
    if !is_kept {
        return Err(KeepError::Refused("used_link"));
    }
    Ok(Kept {
        user_id: deletion.user_id,
        replacement: proven
            .filter(|_| is_cancelled)
            .and_then(|proven| proven.accepted.replacement),
    })
}

/// Returns whether the user may log in, because another request has kept the account at the same time.
async fn is_enabled(id: &UserId, users: &impl FindUser) -> Result<bool, StoreError> {
    let user = users.user(id).await?;
    Ok(user.is_some_and(|user| user.status == Status::Enabled))
}
