//! The ports to the store that counts attempts.

use std::future::Future;

use claims::{Moment, TokenId};

use crate::{
    attempts::{Admission, AttemptRecord, Lane, Pseudonym, Success},
    error::StoreError,
};

/// Counts password attempts before the password is checked.
///
/// Laws: an attempt is admitted if and only if [`crate::attempts::AttemptRecord::admit`] admits it to the stored
/// record. In the same step, it is recorded in the form that [`crate::attempts::AttemptRecord::counted`] returns, so
/// concurrent attempts are admitted no more often than consecutive ones. An attempt that is not admitted changes
/// nothing. An attempt that is repeated because its answer was lost is counted only once.
pub trait CountAttempts: Sync {
    /// Counts an attempt as a failure if it is admitted.
    fn count(
        &self,
        lane: &Lane,
        attempt: &TokenId,
        now: Moment,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;

    /// Takes back an attempt whose password was not checked or was right, as
    /// [`crate::attempts::AttemptRecord::take_back`] does. A second call changes nothing.
    fn take_back(&self, lane: &Lane, attempt: &TokenId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets the failures in a lane after an attempt in it has succeeded, and restores the budget of its record. The
    /// failures in the other lanes stay.
    fn clear(&self, lane: &Lane) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads how many failures are counted.
pub trait ReadFailures: Sync {
    /// Returns the number of failures in a lane, read consistently.
    fn failures(&self, lane: &Lane) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// Reads and removes whole records of attempts. An operator needs this.
///
/// Law: after a removal, nothing is counted in any lane of the record, and every other record is as before.
pub trait ManageAttempts: Sync {
    /// Returns the record with this key, which [`Lane::record`] returns, read consistently.
    fn attempts(&self, record: &str) -> impl Future<Output = Result<Option<AttemptRecord>, StoreError>> + Send;

    /// Removes the record with this key, if there is one.
    fn remove_attempts(&self, record: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts the failed logins from one source within a [`crate::attempts::source_window`].
///
/// Law: in one window, at most `limit` attempts are admitted and not excused.
pub trait CountSources: Sync {
    /// Counts an attempt as a failure. If the source has no attempts left in the window, nothing changes.
    fn count_source(
        &self,
        source: &Pseudonym,
        limit: u64,
        now: Moment,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;

    /// Takes back one failure that was counted at `now`, because the attempt succeeded or its password was not checked.
    fn excuse_source(&self, source: &Pseudonym, now: Moment) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts successful attempts within a [`crate::attempts::success_window`].
///
/// Law: a success is admitted if and only if [`crate::attempts::Successes::count`] admits it to the stored counts, and
/// it is recorded in the same step. A success that is not admitted changes nothing.
pub trait CountSuccesses: Sync {
    /// Counts a success, unless the limit of the user or of the device is reached.
    fn count_success(
        &self,
        success: &Success,
        now: Moment,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;
}
