//! What is needed of the store of passwords.

use std::future::Future;

use claims::{Timestamp, UserId};

use crate::{error::StoreError, password::PasswordHash, user::Email};

/// What a user logs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRecord {
    /// Whose they are.
    pub user_id: UserId,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// When the password was set.
    pub password_changed_at: Timestamp,
}

/// Finds the credentials for an address.
///
/// Law: what was added under an address is found under every address that normalises to the same.
pub trait FindPassword: Sync {
    /// The credentials for this address, read consistently.
    fn password_record(&self, email: &Email)
    -> impl Future<Output = Result<Option<PasswordRecord>, StoreError>> + Send;
}

/// Replaces a password hash by a stronger one of the same password; what a login needs.
///
/// Law: a hash that is not the one which was read stays as it is, so that a password which was changed meanwhile is never
/// overwritten.
pub trait UpgradeHash: Sync {
    /// Writes `new` under this address if `old` still is the hash there; whether it was.
    fn upgrade(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
