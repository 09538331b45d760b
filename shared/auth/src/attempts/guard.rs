//! The guard before every check of a password. An attempt is counted as a failure before the password is checked, and
//! excused once the password turns out to be right.

use std::time::Duration;

use claims::{Moment, Span, TokenId};
use futures::future::{join, join_all, try_join_all, try_join3};
use tokio::time::timeout;

use crate::{
    attempts::{Admission, CountAttempts, CountSources, CountSuccesses, Lane, Pseudonym, Success},
    error::StoreError,
};

/// The maximum time that a failed request waits for its attempt to be taken back.
pub(crate) const TAKE_BACK: Duration = Duration::from_millis(500);

/// The refusal of an attempt, because too many earlier ones failed or too many succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// The name of the limit that was reached.
    pub lane: &'static str,
    /// How long to wait before the next attempt.
    pub retry_after: Span,
}

/// Why the guard did not admit or excuse an attempt.
#[derive(Debug)]
pub enum GuardError {
    /// There were too many failures or successes.
    Throttled(Throttled),
    /// The store failed.
    Store(StoreError),
}

/// An attempt that was admitted. It counts as a failure until it is excused.
#[derive(Debug)]
pub(crate) struct Ticket {
    lane: Lane,
    attempt: TokenId,
    /// The used-up lane that did not admit this attempt, if there is one. Its failures are forgotten if the attempt
    /// succeeds.
    closed: Option<Lane>,
    /// The sources for which the attempt was counted.
    sources: Vec<Pseudonym>,
    now: Moment,
}

/// Counts an attempt in a lane and returns its ticket.
///
/// # Errors
/// If the attempt has to wait, or the store fails. [`GuardError::Throttled`] contains how long to wait.
pub(crate) async fn admit(
    lane: Lane,
    attempt: &TokenId,
    now: Moment,
    attempts: &impl CountAttempts,
) -> Result<Ticket, GuardError> {
    match attempts.count(&lane, attempt, now).await? {
        Admission::Wait(retry_after) => Err(GuardError::throttled(lane.name(), retry_after)),
        Admission::Admitted | Admission::Closed => Ok(Ticket::new(lane, attempt.clone(), now)),
    }
}

impl Ticket {
    /// Makes the ticket of an attempt that this lane has admitted.
    pub(crate) const fn new(lane: Lane, attempt: TokenId, now: Moment) -> Self {
        Self {
            lane,
            attempt,
            closed: None,
            sources: Vec::new(),
            now,
        }
    }

    /// Adds the used-up lane that was tried first and did not admit the attempt, if there is one.
    pub(crate) fn with_closed(self, closed: Option<Lane>) -> Self {
        Self { closed, ..self }
    }

    /// Adds the sources for which the attempt was counted.
    pub(crate) fn with_sources(self, sources: Vec<Pseudonym>) -> Self {
        Self { sources, ..self }
    }

    /// Returns the lane that admitted the attempt.
    pub(crate) const fn lane(&self) -> &Lane {
        &self.lane
    }

    /// Takes the attempt back, because its password was not checked or was right. An error is ignored: the request has
    /// already failed for another reason.
    pub(crate) async fn take_back(self, attempts: &(impl CountAttempts + CountSources)) {
        let taken_back = attempts.take_back(&self.lane, &self.attempt);
        let sources = self.sources.iter();
        let excused = join_all(sources.map(|source| attempts.excuse_source(source, self.now)));
        drop(timeout(TAKE_BACK, join(taken_back, excused)).await);
    }

    /// Takes back the failure and counts a success instead.
    ///
    /// # Errors
    /// If the user had too many successes, or the store fails.
    pub(crate) async fn excuse(
        self,
        success: &Success,
        attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    ) -> Result<(), GuardError> {
        let lanes = [Some(&self.lane), self.closed.as_ref()].into_iter().flatten();
        let cleared = try_join_all(lanes.map(|lane| attempts.clear(lane)));
        let sources = self.sources.iter();
        let excused = try_join_all(sources.map(|source| attempts.excuse_source(source, self.now)));
        let counted = attempts.count_success(success, self.now);
        match try_join3(cleared, excused, counted).await?.2 {
            Admission::Wait(retry_after) => Err(GuardError::throttled(success.name(), retry_after)),
            Admission::Admitted | Admission::Closed => Ok(()),
        }
    }
}

impl GuardError {
    pub(crate) const fn throttled(lane: &'static str, retry_after: Span) -> Self {
        Self::Throttled(Throttled { lane, retry_after })
    }
}

impl From<StoreError> for GuardError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
