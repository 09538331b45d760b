//! Setting a new password with a link or a code from a mail.

use claims::{Moment, SignError, Span, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, Pseudonym, ReadFailures},
    error::StoreError,
    factor::{FactorKeys, FindFactors, ProveError, Proven, Prover, RecoveryCode, SecondProof, Spend, Way},
    feed::{AnnounceRevocations, Revocation},
    mail::{Account, Proof, ProofError, Proofs, QueueNotice, ResetTarget},
    password::{FindPassword, HashError, Hasher, InvalidPassword, Password, PasswordRecord, PasswordRule, Salt},
    user::{Email, FactorKinds, FindUser},
};

/// A request to set a new password.
#[derive(Debug)]
pub struct PasswordReset<'a> {
    /// What proves that the person can read the mailbox.
    pub proof: Proof<'a>,
    /// The new password.
    pub new_password: &'a str,
    /// The requirements for it.
    pub rule: &'a PasswordRule,
    /// The second factor, if the person has sent one.
    pub second: Option<SecondProof<'a>>,
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The link or code is invalid, over or used, or the user may not log in. All have the same response.
    #[error("the link or code is refused: {0}")]
    Refused(&'static str),
    /// There were too many wrong codes.
    #[error("too many wrong codes")]
    Throttled {
        /// The pseudonym of the address.
        address: Pseudonym,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The link or code is right, and the user has a second factor but sent none.
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
    /// The password does not meet the requirements. The link or code is still valid.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A code could not be computed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<ProofError> for ResetError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused(reason) => Self::Refused(reason),
            ProofError::Throttled { address, retry_after } => Self::Throttled { address, retry_after },
            ProofError::Store(error) => error.into(),
            ProofError::Sign(error) => error.into(),
        }
    }
}

/// A password that was reset.
#[derive(Debug)]
pub struct ResetDone {
    /// The user.
    pub user_id: UserId,
    /// The recovery code that takes the place of the one that was used. If the request is repeated because its answer was
    /// lost, nobody sees this code.
    pub replacement: Option<RecoveryCode>,
}

/// Replaces a password that was proven to be forgotten. A reset needs this.
///
/// Laws: the password is replaced only if it is still the one in `seen`, so of two resets with the same link only one
/// succeeds. In the same step, `spend` is used up, the user's epoch is raised, so all their sessions end, and a
/// [`crate::mail::Notice::PasswordReset`] is queued. All of it happens, or nothing.
pub trait ResetPassword: Sync {
    /// Replaces the password `seen` under this address with `new`, and raises the user's epoch. Returns whether
    /// both were done. Returns `false` if the password has changed, the user has another address or other kinds of factor
    /// than `factors`, or `spend` is no longer possible.
    fn reset(
        &self,
        email: &Email,
        seen: &PasswordRecord,
        new: &PasswordRecord,
        factors: FactorKinds,
        spend: Option<&Spend>,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Sets a new password, and ends all sessions of the user. Every other link and code for this user is over then, because
/// each is bound to the time at which the password was set. The user is not logged in. A user with a second factor has to
/// prove it too (OWASP ASVS 5.0, 6.4.3).
///
/// # Errors
/// If the link or code is refused, the password is too weak, another request has changed the password, or hashing or
/// the store fail. If the announcement failed, the password has been set, and a retry completes the reset: within a
/// minute, the same link with the same password succeeds again.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn reset_password(
    reset: PasswordReset<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    proofs: Proofs<'_>,
    hasher: &Hasher,
    keys: &FactorKeys,
    users: &(impl FindPassword + FindUser),
    resets: &impl ResetPassword,
    factors: &impl FindFactors,
    attempts: &(impl CountAttempts + ReadFailures),
    outbox: &impl QueueNotice,
    feed: &impl AnnounceRevocations,
) -> Result<ResetDone, ResetError> {
    let (attempt, salt, gate) = (TokenId::draw(now, rng), Salt::new(rng), Prover::draw(now, rng));
    let decoy = PasswordRecord {
        user_id: UserId::draw(now, rng),
        password_hash: hasher.decoy().clone(),
        password_changed_at: now.timestamp(),
    };
    let ResetTarget {
        account,
        request,
        is_repeated,
    } = proofs
        .check_reset(reset.proof, &attempt, decoy, now, users, attempts)
        .await?;
    let Account {
        user,
        email,
        credentials,
    } = account;
    let password = Password::choose(reset.new_password, reset.rule, Some(&email))?;
    let (is_set, replacement) = if is_repeated {
        (hasher.check(&credentials.password_hash, &password).await?, None)
    } else {
        let proven = match (user.factors.is_none(), reset.second) {
            (true, _) => None,
            (false, None) => {
                return Err(ResetError::SecondRequired {
                    user_id: user.id,
                    factors: user.factors,
                });
            }
            (false, Some(proof)) => {
                let way = Way::Mail(request);
                let proven = gate.prove(proof, &user.id, &way, now, keys, factors, attempts, outbox);
                Some(proven.await?)
            }
        };
        let spend = proven.as_ref().map(Proven::spend);
        let new = PasswordRecord {
            user_id: user.id.clone(),
            password_hash: hasher.hash(&password, salt).await?,
            password_changed_at: credentials.next_change(now.timestamp()),
        };
        let is_set = resets
            .reset(&email, &credentials, &new, user.factors, spend, now)
            .await?;
        if let (Some(proven), true) = (&proven, is_set) {
            proven.clear(attempts).await;
        }
        (is_set, proven.and_then(|proven| proven.accepted.replacement))
    };
    if !is_set {
        return Err(ResetError::Refused("used_link"));
    }
    let epoch = users.user(&user.id).await?.map_or(user.epoch, |user| user.epoch);
    let revocation = Revocation::Epoch {
        user_id: user.id.clone(),
        least: epoch,
        except: None,
    };
    feed.announce(&revocation, now).await?;
    Ok(ResetDone {
        user_id: user.id,
        replacement,
    })
}
