//! Users who come from another system with the hashes of their passwords: what is believed of them, and what becomes of
//! them.

use claims::{Millis, Role, Scope, Timestamp, UserId};
use rand::CryptoRng;
use serde_json::{Map, Value};

use crate::{
    accounts::{AddUsers, Addition},
    error::StoreError,
    password::{FindPassword, PasswordHash, PasswordRecord, UnusableHash},
    user::{Email, FindUser, InvalidCustomClaims, Status, User, check_custom_claims},
};

/// The highest epoch that a user may come with: every JSON parser still tells it from the next.
const MAX_EPOCH: u64 = 1 << 53;

/// What is said of a user who is to be imported.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// The address they log in with.
    pub email: Email,
    /// The hash of their password.
    pub password_hash: PasswordHash,
    /// The one role.
    pub role: Role,
    /// The permissions.
    pub scope: Scope,
    /// Claims beside those that every token has.
    pub custom_claims: Map<String, Value>,
    /// Whether the user may log in.
    pub status: Status,
    /// Their id; a new one unless given.
    pub user_id: Option<UserId>,
    /// When the user was added; now, unless given.
    pub created_at: Option<Timestamp>,
    /// When the password was set; when the user was added, unless given.
    pub password_changed_at: Option<Timestamp>,
    /// How often all their sessions were ended at once.
    pub epoch: u64,
}

/// A user who can be imported: their hash verifies, and access tokens can be issued for them.
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
    /// The record says it, so that whoever has the address must have it too.
    Given,
    /// It was made, for the case that the user is new.
    Made,
}

/// Why a user could never be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    /// No password could be checked against the hash.
    #[error(transparent)]
    UnusableHash(#[from] UnusableHash),
    /// The custom claims could not be stored, or not be put into a token.
    #[error(transparent)]
    CustomClaims(#[from] InvalidCustomClaims),
    /// The epoch is not one that was counted.
    #[error("at most {MAX_EPOCH}")]
    Epoch,
    /// The user's access tokens could not be issued.
    #[error("role, scope, address and custom claims are {excess} bytes too long for an access token")]
    TooLong {
        /// By how many bytes, as JSON counts them.
        excess: usize,
    },
}

/// What becomes of a user who can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The user is added as the record says.
    Added,
    /// The address is there already, by an earlier import or otherwise, and its user is left as they are.
    Left,
}

/// Why a user was not imported; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The address belongs to a user of another id than the record gives.
    #[error("the address belongs to a user of another id")]
    AddressTaken,
    /// The id belongs to a user of another address.
    #[error("the id belongs to a user of another address")]
    IdTaken,
    /// The store did not do its part; trying again is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportedUser {
    /// Checks what is said of a user, and gives them what is not said.
    ///
    /// # Errors
    /// When the hash cannot be used, or what the tokens would say cannot be issued.
    pub fn new(record: UserRecord, now: Millis, rng: &mut impl CryptoRng) -> Result<Self, InvalidRecord> {
        let identity = record.user_id.as_ref().map_or(Identity::Made, |_| Identity::Given);
        let created_at = record.created_at.unwrap_or_else(|| now.timestamp());
        let user = User {
            id: record.user_id.unwrap_or_else(|| UserId::draw(now, rng)),
            email: record.email.typed().to_owned(),
            role: record.role,
            scope: record.scope,
            custom_claims: record.custom_claims,
            status: record.status,
            epoch: record.epoch,
            epoch_raised_at: None,
            created_at,
        };
        check(&user, &record.password_hash)?;
        Ok(Self {
            email: record.email,
            credentials: PasswordRecord {
                user_id: user.id.clone(),
                password_hash: record.password_hash,
                password_changed_at: record.password_changed_at.unwrap_or(created_at),
            },
            user,
            identity,
        })
    }

    /// The address that they log in with.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    /// Their id, where the record says it.
    #[must_use]
    pub fn given_id(&self) -> Option<&UserId> {
        (self.identity == Identity::Given).then_some(&self.user.id)
    }
}

/// What [`import_user`] would do, with nothing written.
///
/// # Errors
/// When address or id belong to someone else, or the store fails.
pub async fn foresee_import(
    new: &ImportedUser,
    users: &(impl FindPassword + FindUser),
) -> Result<Imported, ImportError> {
    let found = users.password_record(&new.email).await?.map(|found| found.user_id);
    match (new.identity, found) {
        (Identity::Made, Some(_)) => Ok(Imported::Left),
        (Identity::Given, Some(id)) if id == new.user.id => Ok(Imported::Left),
        (Identity::Given, Some(_)) => Err(ImportError::AddressTaken),
        (Identity::Given, None) if users.user(&new.user.id).await?.is_some() => Err(ImportError::IdTaken),
        (Identity::Given | Identity::Made, None) => Ok(Imported::Added),
    }
}

/// Adds a user who comes from another system, unless their address is there already. Doing it again changes nothing.
///
/// # Errors
/// When address or id belong to someone else, or the store fails.
pub async fn import_user(
    new: &ImportedUser,
    users: &(impl FindUser + FindPassword + AddUsers),
) -> Result<Imported, ImportError> {
    // Looking costs less than a write that fails, and most of an import that goes on is there already.
    if foresee_import(new, users).await? == Imported::Left {
        return Ok(Imported::Left);
    }
    if users.add(&new.user, &new.email, &new.credentials).await? == Addition::Added {
        return Ok(Imported::Added);
    }
    // Somebody came in between.
    match foresee_import(new, users).await? {
        Imported::Left => Ok(Imported::Left),
        Imported::Added => Err(ImportError::IdTaken),
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
