//! What is needed of the store of users.

use std::future::Future;

use claims::{Timestamp, UserId};

use crate::{error::StoreError, user::User};

/// Finds a user.
///
/// Law: a change is seen by every read that starts after it returned.
pub trait FindUser: Sync {
    /// The user, read consistently.
    fn user(&self, id: &UserId) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;
}

/// Ends all sessions of a user in one step, whatever their number.
///
/// Law: two of the same epoch raise it once.
pub trait RaiseEpoch: Sync {
    /// Adds one to the user's epoch if it still is `epoch`, and notes when; whether it was.
    fn raise(&self, id: &UserId, epoch: u64, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
