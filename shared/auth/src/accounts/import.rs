//! Importing users from another system with the hashes of their passwords: the checks on a record, and the result.

use claims::{Moment, Timestamp, UserId};
use rand::CryptoRng;

use crate::{
    accounts::{AddUsers, Addition},
    error::StoreError,
    password::{FindPassword, PasswordHash, PasswordRecord, UnusableHash},
    user::{Email, FindUser, InvalidCustomClaims, NewUser, User, check_custom_claims},
};

/// The maximum epoch of an imported user. Up to this number, every JSON parser can distinguish consecutive integers.
const MAX_EPOCH: u64 = 1 << 53;

/// A user to import, as read from a file.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// The address with which the user logs in.
    pub email: Email,
    /// The hash of the user's password.
    pub password_hash: PasswordHash,
    /// The time when the password was set. The default is the `created_at` of `user`.
    pub password_changed_at: Option<Timestamp>,
    /// The id that the record gives. With `None`, the user gets the new id in `user`.
    pub user_id: Option<UserId>,
    /// The user, at first with the defaults of a new user. The caller may change them.
    pub user: User,
}

/// A user who can be imported: passwords can be checked against the hash, and access tokens can be issued.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    email: Email,
    user: User,
    credentials: PasswordRecord,
    identity: Identity,
}

/// Where a user's id comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Identity {
    /// The record gives the id. If a user already has the address, they must have the same id.
    Given,
    /// The record gives no id, so a new one was drawn.
    Made,
}

/// Why no user can be imported from a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    /// No password can be checked against the hash.
    #[error(transparent)]
    UnusableHash(#[from] UnusableHash),
    /// The custom claims cannot be stored, or one of them has a reserved name.
    #[error(transparent)]
    CustomClaims(#[from] InvalidCustomClaims),
    /// The epoch is above the maximum.
    #[error("at most {MAX_EPOCH}")]
    Epoch,
    /// The user's access tokens would be too long.
    #[error("role, scope, address and custom claims are {excess} bytes too long for an access token")]
    TooLong {
        /// The excess in bytes of JSON.
        excess: usize,
    },
}

/// The result of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The user was added with the data of the record.
    Added,
    /// A user with this address already exists and was left unchanged.
    Left,
}

/// Why a user could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A user with another id has the address.
    #[error("the address belongs to a user with another id")]
    AddressTaken,
    /// A user with another address has the id.
    #[error("the id belongs to a user with another address")]
    IdTaken,
    /// The store failed. A retry is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UserRecord {
    /// Makes the record of a user with the defaults of a new user.
    pub fn new(new: NewUser, password_hash: PasswordHash, now: Moment, rng: &mut impl CryptoRng) -> Self {
        Self {
            email: new.email.clone(),
            password_hash,
            password_changed_at: None,
            user_id: None,
            user: User::new(UserId::draw(now, rng), new, now.timestamp()),
        }
    }
}

impl ImportedUser {
    /// Checks a record and makes the user to import from it.
    ///
    /// # Errors
    /// If the hash cannot be used, or access tokens cannot be issued for the user.
    pub fn new(record: UserRecord) -> Result<Self, InvalidRecord> {
        check(&record.user, &record.password_hash)?;
        let (id, identity) = match record.user_id {
            Some(id) => (id, Identity::Given),
            None => (record.user.id.clone(), Identity::Made),
        };
        Ok(Self {
            email: record.email,
            credentials: PasswordRecord {
                user_id: id.clone(),
                password_hash: record.password_hash,
                password_changed_at: record.password_changed_at.unwrap_or(record.user.created_at),
            },
            user: User { id, ..record.user },
            identity,
        })
    }

    /// Returns the address with which the user logs in.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    /// Returns the id, if the record gives one.
    #[must_use]
    pub fn given_id(&self) -> Option<&UserId> {
        (self.identity == Identity::Given).then_some(&self.user.id)
    }

    /// Returns the result of an import, given the credentials that were found under the user's address.
    ///
    /// # Errors
    /// If the address belongs to a user with another id.
    pub fn compare(&self, found: Option<&PasswordRecord>) -> Result<Imported, ImportError> {
        match (self.given_id(), found) {
            (_, None) => Ok(Imported::Added),
            (Some(id), Some(found)) if found.user_id != *id => Err(ImportError::AddressTaken),
            (Some(_) | None, Some(_)) => Ok(Imported::Left),
        }
    }
}

/// Returns what [`import_user`] would return, and writes nothing.
///
/// # Errors
/// If the address or the id belongs to another user, or the store fails.
pub async fn foresee_import(
    new: &ImportedUser,
    users: &(impl FindPassword + FindUser),
) -> Result<Imported, ImportError> {
    let found = users.password_record(&new.email).await?;
    match new.compare(found.as_ref())? {
        Imported::Left => Ok(Imported::Left),
        Imported::Added => check_id(new, users).await,
    }
}

/// Returns what [`add_imported`] would return for a user whose address is free, and writes nothing.
///
/// # Errors
/// If the id belongs to another user, or the store fails.
pub async fn check_id(new: &ImportedUser, users: &impl FindUser) -> Result<Imported, ImportError> {
    match new.given_id() {
        Some(id) if users.user(id).await?.is_some() => Err(ImportError::IdTaken),
        Some(_) | None => Ok(Imported::Added),
    }
}

/// Adds a user from another system, unless a user with this address exists. A repeated import changes nothing.
///
/// # Errors
/// If the address or the id belongs to another user, or the store fails.
pub async fn import_user(
    new: &ImportedUser,
    users: &(impl FindUser + FindPassword + AddUsers),
) -> Result<Imported, ImportError> {
    // A read costs less than a write that fails, and a resumed import finds most of its users already there.
    match foresee_import(new, users).await? {
        Imported::Left => Ok(Imported::Left),
        Imported::Added => add_imported(new, users).await,
    }
}

/// Adds a user from another system whose address was free. This may be repeated after an outage: a user who was added by
/// an earlier try, whose answer was lost, counts as added.
///
/// # Errors
/// If the address or the id belongs to another user, or the store fails.
pub async fn add_imported(
    new: &ImportedUser,
    users: &(impl FindUser + FindPassword + AddUsers),
) -> Result<Imported, ImportError> {
    if users.add(&new.user, &new.email, &new.credentials).await? == Addition::Added {
        return Ok(Imported::Added);
    }
    // An earlier try or another process added a user in between.
    match users.password_record(&new.email).await? {
        Some(found) if found == new.credentials => Ok(Imported::Added),
        found => match new.compare(found.as_ref())? {
            Imported::Left => Ok(Imported::Left),
            Imported::Added => Err(ImportError::IdTaken),
        },
    }
}

fn check(user: &User, password_hash: &PasswordHash) -> Result<(), InvalidRecord> {
    password_hash.require_usable()?;
    check_custom_claims(&user.custom_claims)?;
    match user.claims().excess() {
        0 if user.epoch <= MAX_EPOCH => Ok(()),
        0 => Err(InvalidRecord::Epoch),
        excess => Err(InvalidRecord::TooLong { excess }),
    }
}
