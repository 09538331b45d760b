//! What is needed of the store that counts attempts.

use std::future::Future;

use claims::{Millis, TokenId};

use crate::{
    attempts::{Admission, Lane, Pseudonym, Success},
    error::StoreError,
};

/// Counts attempts at a password before it is looked at.
///
/// Laws: an attempt is admitted exactly when [`crate::attempts::AttemptRecord::admit`] says so of what is recorded, and then it is
/// recorded as [`crate::attempts::AttemptRecord::counted`] says, in one step; so of many at once no more are admitted than if each
/// had come by itself. One that is not admitted
/// changes nothing. One that comes again because its answer was lost is counted once.
pub trait CountAttempts: Sync {
    /// Counts an attempt as a failure, unless it is not admitted.
    fn count(
        &self,
        lane: &Lane,
        attempt: &TokenId,
        now: Millis,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;

    /// Forgets the failures of a lane, since its last attempt was right, and what all lanes of its record have used up of
    /// their budget, but not the failures of another one by itself.
    fn clear(&self, lane: &Lane) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts the failed logins from one source within a [`crate::attempts::source_window`].
///
/// Law: no more than `limit` are admitted in a window that were not excused.
pub trait CountSources: Sync {
    /// Counts an attempt as a failure, unless the window has had its share; then nothing changes.
    fn count_source(
        &self,
        source: &Pseudonym,
        limit: u64,
        now: Millis,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;

    /// Takes one failure back that was counted at `now`, since the attempt was right.
    fn excuse_source(&self, source: &Pseudonym, now: Millis) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts right passwords within a [`crate::attempts::success_window`].
///
/// Law: one is admitted exactly when [`crate::attempts::Successes::count`] says so of what is recorded, and then it is recorded, in
/// one step. One that is not admitted changes nothing.
pub trait CountSuccesses: Sync {
    /// Counts a success, unless the user or the device has had its share.
    fn count_success(
        &self,
        success: &Success,
        now: Millis,
    ) -> impl Future<Output = Result<Admission, StoreError>> + Send;
}
