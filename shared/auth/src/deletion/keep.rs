//! Keeping an account that its owner has deleted, with the link from the letter and the password.

use claims::{LinkClaims, Moment, SignError, Span, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, Pseudonym},
    deletion::{CancelDeletion, Deletion},
    error::StoreError,
    mail::{Account, ProofError, Proofs},
    password::{FindPassword, HashError, Hasher, Password},
    user::{FindUser, Status},
};

/// A link that keeps an account.
#[derive(Debug)]
pub struct Keeping<'a> {
    /// The token of the link.
    pub token: &'a str,
    /// The password that the person typed.
    pub password: &'a Password,
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
/// since the owner can set a new one by mail.
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
    users: &(impl FindPassword + FindUser),
    deletions: &impl CancelDeletion,
    attempts: &impl CountAttempts,
) -> Result<UserId, KeepError> {
    let attempt = TokenId::draw(now, rng);
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
        .count_for(request, &account.email, &attempt, now, attempts)
        .await?;
    let user_id = account.user.id;
    if !hasher
        .check(&account.credentials.password_hash, keeping.password)
        .await?
    {
        return Err(KeepError::WrongPassword(user_id));
    }
    attempts.clear(&lane).await?;
    let Some(delete_at) = account.user.delete_at else {
        // The same request may come again, because its answer was lost. It changes nothing.
        return Ok(user_id);
    };
    let deletion = Deletion { user_id, delete_at };
    let is_kept = deletions.cancel(&deletion).await? || is_enabled(&deletion.user_id, users).await?;
    if !is_kept {
        return Err(KeepError::Refused("used_link"));
    }
    Ok(deletion.user_id)
}

/// Returns whether the user may log in, because another request has kept the account at the same time.
async fn is_enabled(id: &UserId, users: &impl FindUser) -> Result<bool, StoreError> {
    let user = users.user(id).await?;
    Ok(user.is_some_and(|user| user.status == Status::Enabled))
}
