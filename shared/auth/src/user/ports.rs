//! The ports to the store of users.

use std::future::Future;

use claims::{Timestamp, UserId};

use crate::{error::StoreError, user::User};

/// Finds a user.
///
/// Law: a change is seen by every read that starts after the change has returned.
pub trait FindUser: Sync {
    /// Reads a user consistently. Returns `None` if there is no user with this id.
    fn user(&self, id: &UserId) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;
}

/// Ends all sessions of a user in one step, however many there are.
///
/// Law: two calls with the same epoch raise the user's epoch only once.
pub trait RaiseEpoch: Sync {
    /// Adds one to the user's epoch if it is still `epoch`, and records the time. Returns whether the epoch was raised.
    fn raise(&self, id: &UserId, epoch: u64, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
