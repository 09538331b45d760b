//! The ports through which accounts are deleted.

use std::future::Future;

use claims::{Moment, Timestamp, UserId};

use crate::{
    attempts::Pseudonym, error::StoreError, factor::Spend, mail::QueuedNotice, password::PasswordRecord, user::Email,
};

/// An account that its owner has deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The user.
    pub user_id: UserId,
    /// When the account will be removed.
    pub delete_at: Timestamp,
}

/// Marks accounts as deleted. A request of their owner needs this.
///
/// Laws: the user gets the status [`crate::user::Status::Deleting`] and the time of the removal, the epoch is raised by
/// one, and the notice is queued if the deployment sends mail. All of it happens, or nothing.
pub trait ScheduleDeletion: Sync {
    /// Marks an account as deleted at `now`, if its user may log in and still has these credentials under this address.
    /// Returns whether it was marked.
    fn schedule(
        &self,
        deletion: &Deletion,
        email: &Email,
        seen: &PasswordRecord,
        notice: &QueuedNotice,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Undoes deletions. A link from a letter needs this.
///
/// Law: of two cancellations of one deletion, one succeeds. The epoch stays raised, so no session comes back. `spend` is
/// used up in the same step.
pub trait CancelDeletion: Sync {
    /// Lets the user log in again, if the account is still marked with this deletion and `spend` is possible. Returns
    /// whether it was done.
    fn cancel(
        &self,
        deletion: &Deletion,
        spend: Option<&Spend>,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Finds deletions that are due. Scheduled code needs this.
///
/// Law: every deletion that was scheduled and is due is found until it is cancelled, removed or dropped.
pub trait FindDeletions: Sync {
    /// Returns up to `limit` deletions with a time up to `now`, the oldest first: the first ones, or those after `after`.
    fn due(
        &self,
        after: Option<&Deletion>,
        now: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Deletion>, StoreError>> + Send;
}

/// Removes deleted accounts. Scheduled code needs this.
///
/// Law: an account is removed only with the time at which it was due, so a deletion that was undone in the meantime
/// removes nothing.
pub trait RemoveDeleted: Sync {
    /// Removes the user and the credentials under this address, records that the id was used, and drops the deletion.
    /// All of it happens, or nothing. Returns whether it did.
    fn remove_deleted(
        &self,
        deletion: &Deletion,
        email: &Email,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Drops a deletion that is not to happen any more.
    fn drop_deletion(&self, deletion: &Deletion) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Removes what is stored about an address and its user besides the account: counts, second factors, and requests for
/// mail.
pub trait ForgetAddress: Sync {
    /// Removes the lanes in which attempts are counted, the second factors, and the last request for mail. What is counted by the hour, and
    /// notices, are over by the time at which an account is removed.
    fn forget(&self, address: &Pseudonym, user_id: &UserId) -> impl Future<Output = Result<(), StoreError>> + Send;
}
