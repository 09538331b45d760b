//! What an operator does with single users: adding, finding, changing and deleting them.

use claims::{Clock, Moment, Role, Span, UserId};
use rand::CryptoRng;

use crate::{
    accounts::{AddUsers, Addition, ChangeUsers, MoveUser, RemoveUser, ReplacePassword},
    error::StoreError,
    factor::RemoveFactors,
    feed::{AnnounceRevocations, Revocation},
    password::{FindPassword, HashError, Hasher, Password, PasswordRecord, Salt},
    session::RemoveSessions,
    user::{Email, FindUser, InvalidCustomClaims, NewUser, RaiseEpoch, Status, User},
};

/// How far the clocks of the functions that issue tokens may be ahead of the clock of this process.
pub(crate) const AHEAD: Span = Span::seconds(3);

/// Why a user could not be added or changed. If the store failed, the change may have been written, but not announced.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Another user has this address.
    #[error("a user with this address already exists")]
    AddressTaken,
    /// No user has this address.
    #[error("no user has this address")]
    Unknown,
    /// The user's access tokens would be too long.
    #[error("role, scope, address and custom claims are {excess} bytes too long for an access token: shorten them")]
    TooLong {
        /// The excess in bytes of JSON.
        excess: usize,
    },
    /// The custom claims cannot be stored, or one of them has a reserved name.
    #[error(transparent)]
    CustomClaims(#[from] InvalidCustomClaims),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a user who can log in at once.
///
/// # Errors
/// If the address is taken, the claims are too long for an access token, or hashing or the store fails.
pub async fn add_user(
    new: NewUser,
    password: &Password,
    now: Moment,
    rng: &mut impl CryptoRng,
    hasher: &Hasher,
    users: &impl AddUsers,
) -> Result<User, UserError> {
    let email = new.email.clone();
    let user = User::new(UserId::draw(now, rng), new, now.timestamp());
    check_length(&user)?;
    let salt = Salt::new(rng);
    let credentials = new_record(user.id.clone(), password, salt, now, hasher).await?;
    match users.add(&user, &email, &credentials).await? {
        Addition::Added => Ok(user),
        Addition::Taken => Err(UserError::AddressTaken),
    }
}

/// Returns the user with this address.
///
/// # Errors
/// If no user has the address, or the store fails.
pub async fn find_user(email: &Email, users: &(impl FindUser + FindPassword)) -> Result<User, UserError> {
    let credentials = users.password_record(email).await?.ok_or(UserError::Unknown)?;
    users.user(&credentials.user_id).await?.ok_or(UserError::Unknown)
}

/// Changes a user's role. New access tokens have the new role, and those with the old one are refused.
///
/// # Errors
/// If no user has the address, the claims would be too long for an access token, or the store fails.
pub async fn set_role(
    email: &Email,
    role: Role,
    clock: &impl Clock,
    users: &(impl FindUser + FindPassword + ChangeUsers),
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let user = User {
        role,
        ..find_user(email, users).await?
    };
    check_length(&user)?;
    require_found(users.set_role(&user.id, &user.role).await?)?;
    end_issued(&user, clock, feed).await?;
    Ok(user)
}

/// Disables a user. They can neither log in nor refresh, and all their sessions and access tokens end for good, even if
/// the user is enabled again.
///
/// # Errors
/// If no user has the address, or the store fails. If the announcement failed, a retry repeats it.
pub async fn disable_user(
    email: &Email,
    now: Moment,
    users: &(impl FindUser + FindPassword + ChangeUsers),
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let user = find_user(email, users).await?;
    let epoch = users.disable(&user.id).await?.ok_or(UserError::Unknown)?;
    let disabled = User {
        status: Status::Disabled,
        epoch,
        ..user
    };
    end_epoch(disabled, now, feed).await
}

/// Lets a user log in again. Sessions and tokens that have ended stay ended.
///
/// # Errors
/// If no user has the address, or the store fails.
pub async fn enable_user(
    email: &Email,
    users: &(impl FindUser + FindPassword + ChangeUsers),
) -> Result<User, UserError> {
    let user = find_user(email, users).await?;
    require_found(users.enable(&user.id).await?)?;
    Ok(User {
        status: Status::Enabled,
        ..user
    })
}

/// Ends all sessions of a user.
///
/// # Errors
/// If no user has the address, or the store fails.
pub async fn end_sessions(
    email: &Email,
    now: Moment,
    users: &(impl FindUser + FindPassword),
    epochs: &impl RaiseEpoch,
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let mut user = find_user(email, users).await?;
    // If another request raised the epoch in between, it may have kept one session alive, so the epoch is raised again.
    while !epochs.raise(&user.id, user.epoch, now.timestamp()).await? {
        user = find_user(email, users).await?;
    }
    let ended = User {
        epoch: user.epoch.saturating_add(1),
        epoch_raised_at: Some(now.timestamp()),
        ..user
    };
    end_epoch(ended, now, feed).await
}

/// Replaces a user's password and ends all their sessions.
///
/// # Errors
/// If no user has the address, or hashing or the store fails.
pub async fn set_password(
    email: &Email,
    password: &Password,
    now: Moment,
    rng: &mut impl CryptoRng,
    hasher: &Hasher,
    users: &(impl FindUser + FindPassword + ReplacePassword),
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let salt = Salt::new(rng);
    let stored = users.password_record(email).await?.ok_or(UserError::Unknown)?;
    let credentials = PasswordRecord {
        password_changed_at: stored.next_change(now.timestamp()),
        ..new_record(stored.user_id, password, salt, now, hasher).await?
    };
    require_found(users.replace_password(email, &credentials).await?)?;
    end_epoch(find_user(email, users).await?, now, feed).await
}

/// Changes a user's address. From now on they log in with the new one, and their sessions continue. Access tokens with
/// the old address are refused.
///
/// # Errors
/// If no user has the old address, another user has the new one, the claims would be too long for an access token, or
/// the store fails. If the announcement failed, a call with the new address as both `old` and `new` repeats it.
pub async fn set_email(
    old: &Email,
    new: &Email,
    clock: &impl Clock,
    users: &(impl FindUser + FindPassword + MoveUser),
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let user = User {
        email: new.typed().to_owned(),
        ..find_user(old, users).await?
    };
    check_length(&user)?;
    if old.normalised() == new.normalised() {
        require_found(users.show_as(&user.id, new).await?)?;
    } else {
        move_user(&user.id, old, new, users).await?;
    }
    end_issued(&user, clock, feed).await?;
    Ok(user)
}

/// Moves a user's credentials from `old` to `new`, and tries again if a login changes them in the meantime.
async fn move_user(
    id: &UserId,
    old: &Email,
    new: &Email,
    users: &(impl FindPassword + MoveUser),
) -> Result<(), UserError> {
    loop {
        let credentials = users.password_record(old).await?.filter(|found| found.user_id == *id);
        let credentials = credentials.ok_or(UserError::Unknown)?;
        if users.move_to(&credentials, old, new).await? {
            return Ok(());
        }
        if users.password_record(new).await?.is_some() {
            return Err(UserError::AddressTaken);
        }
    }
}

/// Deletes a user, their credentials and their sessions. If the deletion is interrupted, the user stays disabled until
/// a retry completes it. A concurrent login may leave a session behind until it expires, but nobody can use it.
///
/// # Errors
/// If no user has the address, or the store fails.
pub async fn delete_user(
    email: &Email,
    now: Moment,
    users: &(impl FindUser + FindPassword + ChangeUsers + RemoveUser),
    sessions: &impl RemoveSessions,
    factors: &impl RemoveFactors,
    feed: &impl AnnounceRevocations,
) -> Result<User, UserError> {
    let user = disable_user(email, now, users, feed).await?;
    sessions.remove_sessions(&user.id).await?;
    factors.remove_factors(&user.id).await?;
    require_found(users.remove(&user.id, email).await?)?;
    Ok(user)
}

/// Announces that this user's epoch has been raised to its current value.
async fn end_epoch(user: User, now: Moment, feed: &impl AnnounceRevocations) -> Result<User, UserError> {
    let revocation = Revocation::Epoch {
        user_id: user.id.clone(),
        least: user.epoch,
        except: None,
    };
    feed.announce(&revocation, now).await?;
    Ok(user)
}

/// Announces that the tokens issued to this user so far are refused, because the user's claims have changed. The clock
/// is read after the change. The announcement therefore covers the tokens of every request that read the user before
/// the change, however long the change took.
pub(super) async fn end_issued(
    user: &User,
    clock: &impl Clock,
    feed: &impl AnnounceRevocations,
) -> Result<(), StoreError> {
    let now = clock.now();
    let revocation = Revocation::Issued {
        user_id: user.id.clone(),
        until: now.timestamp().plus(AHEAD),
    };
    feed.announce(&revocation, now).await
}

async fn new_record(
    user_id: UserId,
    password: &Password,
    salt: Salt,
    now: Moment,
    hasher: &Hasher,
) -> Result<PasswordRecord, HashError> {
    Ok(PasswordRecord {
        user_id,
        password_hash: hasher.hash(password, salt).await?,
        password_changed_at: now.timestamp(),
    })
}

/// Refuses a user whose access tokens could be too long, because every login of such a user would fail.
pub(super) fn check_length(user: &User) -> Result<(), UserError> {
    match user.claims().excess() {
        0 => Ok(()),
        excess => Err(UserError::TooLong { excess }),
    }
}

pub(super) fn require_found(found: bool) -> Result<(), UserError> {
    found.then_some(()).ok_or(UserError::Unknown)
}
