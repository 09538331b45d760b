//! Deleting an account, with its password.

use claims::{Moment, SessionId, Span, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, CountSources, CountSuccesses, Success},
    deletion::{Deletion, ScheduleDeletion},
    error::StoreError,
    factor::{Demand, demand_factor},
    feed::{AnnounceRevocations, Revocation},
    mail::{Notice, QueuedNotice},
    password::{Asker, CurrentPasswordError, FindPassword, HashError, Hasher, Password, check_current},
    session::{FRESH, FindSession, live_caller},
    user::{Email, FindUser, Status},
};

/// A request to delete an account.
#[derive(Debug)]
pub struct AccountDeletion<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made.
    pub sid: &'a SessionId,
    /// The current password.
    pub password: &'a Password,
    /// How long the account can still be kept.
    pub after: Span,
}

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The session is over, or the user may no longer log in.
    #[error("the session is over")]
    Over(UserId),
    /// The user has a second factor, and has not proven it in this session.
    #[error("the user has to authenticate again")]
    Demanded {
        /// The user.
        user_id: UserId,
        /// What the session lacks.
        demand: Demand,
    },
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword(UserId),
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
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// A user who deletes the account, or has just done so.
struct Owner {
    email: Email,
    /// Whether the user logged in a moment ago.
    is_fresh: bool,
    /// Whether an earlier request has deleted the account.
    has_deleted: bool,
}

/// Deletes an account: all its sessions end, nobody can log in to it, and its address stays taken until it is removed.
/// A letter to the user has the link that undoes this.
///
/// # Errors
/// If the session is over, the password is wrong, there were too many attempts, or hashing or the store fail. If the
/// announcement failed, the account is deleted, and a retry announces it again.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn delete_account(
    request: AccountDeletion<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    hasher: &Hasher,
    users: &(impl FindPassword + FindUser),
    attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    sessions: &impl FindSession,
    deletions: &impl ScheduleDeletion,
    feed: &impl AnnounceRevocations,
) -> Result<Deletion, DeletionError> {
    let attempt = TokenId::draw(now, rng);
    let user_id = request.user_id;
    let over = || DeletionError::Over(user_id.clone());
    let owner = find_owner(&request, now, users, sessions).await?.ok_or_else(over)?;
    let asker = Asker {
        user_id,
        sid: request.sid,
        email: &owner.email,
        is_fresh: owner.is_fresh,
    };
    let success = Success::Change(user_id.clone());
    let checked = check_current(
        asker,
        request.password,
        &attempt,
        &success,
        now,
        hasher,
        users,
        attempts,
    );
    let stored = checked.await.map_err(|error| map_password_error(error, user_id))?;
    if !owner.has_deleted {
        let deletion = Deletion {
            user_id: user_id.clone(),
            delete_at: now.timestamp().plus(request.after),
        };
        let notice = QueuedNotice::new(user_id.clone(), Notice::AccountDeleted, now);
        deletions
            .schedule(&deletion, &owner.email, &stored, &notice, now)
            .await?;
    }
    // What counts is what is stored now: another request may have deleted the account at the same time, or may have raised
    // the epoch before.
    let user = users.user(user_id).await?.ok_or_else(over)?;
    let delete_at = user.delete_at.filter(|_| user.status == Status::Deleting);
    let delete_at = delete_at.ok_or_else(over)?;
    let revocation = Revocation::Epoch {
        user_id: user_id.clone(),
        least: user.epoch,
        except: None,
    };
    feed.announce(&revocation, now).await?;
    Ok(Deletion {
        user_id: user.id,
        delete_at,
    })
}

/// Returns who makes the request: a user in a live session, or one who has deleted the account in this session and may
/// repeat the request because its answer was lost.
async fn find_owner(
    request: &AccountDeletion<'_>,
    now: Moment,
    users: &impl FindUser,
    sessions: &impl FindSession,
) -> Result<Option<Owner>, DeletionError> {
    let caller = live_caller(request.user_id, request.sid, now.timestamp(), users, sessions).await?;
    if let Some(caller) = caller {
        demand_factor(&caller.user, &caller.session).map_err(|demand| DeletionError::Demanded {
            user_id: request.user_id.clone(),
            demand,
        })?;
        return Ok(Some(Owner {
            email: caller.email,
            is_fresh: now.timestamp() < caller.session.auth_time.plus(FRESH),
            has_deleted: false,
        }));
    }
    let user = users.user(request.user_id).await?;
    let Some(user) = user.filter(|user| user.status == Status::Deleting) else {
        return Ok(None);
    };
    Ok(Some(Owner {
        email: user.own_address()?,
        is_fresh: false,
        has_deleted: true,
    }))
}

fn map_password_error(error: CurrentPasswordError, user_id: &UserId) -> DeletionError {
    let user_id = user_id.clone();
    match error {
        CurrentPasswordError::Gone => DeletionError::Over(user_id),
        CurrentPasswordError::Wrong => DeletionError::WrongPassword(user_id),
        CurrentPasswordError::Throttled(retry_after) => DeletionError::Throttled { user_id, retry_after },
        CurrentPasswordError::Store(error) => error.into(),
        CurrentPasswordError::Hash(error) => error.into(),
    }
}
