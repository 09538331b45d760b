//! A login attempt: in which lane and for which sources it is counted.

use claims::{DeviceId, Moment, Span, TokenId};
use futures::future::{join_all, try_join_all};
use tokio::time::timeout;

use crate::{
    attempts::{
        Admission, ClosedSources, CountAttempts, CountSources, GuardError, Lane, Pseudonym, Throttling,
        guard::{TAKE_BACK, Ticket, admit},
    },
    error::StoreError,
    user::Email,
};

/// An attempt at the password of an address.
#[derive(Debug)]
pub(crate) struct LoginAttempt {
    id: TokenId,
    address: Pseudonym,
    /// The pseudonym of the source, for the lane. All unknown sources share one pseudonym.
    source: Pseudonym,
    /// The sources for which the attempt is counted, each with its limit.
    counted_as: Vec<(Pseudonym, u64)>,
    now: Moment,
}

/// For each source of an attempt, in the order in which it is counted: whether the attempt was counted, or how long the
/// source is still used up.
#[derive(Debug)]
pub(crate) struct SourceAdmissions(Vec<Admission>);

impl LoginAttempt {
    /// Makes an attempt at this address, from the IP address `ip` if it is known.
    pub(crate) fn new(id: TokenId, email: &Email, ip: Option<&str>, throttling: Throttling<'_>, now: Moment) -> Self {
        Self {
            id,
            address: throttling.pseudonyms.hash_address(email),
            source: throttling.pseudonyms.hash_source(ip.unwrap_or_default()),
            counted_as: throttling.sources(ip),
            now,
        }
    }

    /// Returns the pseudonym of the address.
    pub(crate) const fn address(&self) -> &Pseudonym {
        &self.address
    }

    /// Returns how long the attempt has to wait, if this process has seen one of its sources closed.
    pub(crate) fn source_wait(&self, seen: &ClosedSources) -> Option<Span> {
        let waits = self.counted_as.iter();
        waits.filter_map(|(source, _)| seen.wait(source, self.now)).max()
    }

    /// Counts the attempt for its sources, except those that this process has seen closed. A source that turns out to
    /// be closed is added to `seen`.
    pub(crate) async fn count_sources(
        &self,
        seen: &ClosedSources,
        attempts: &impl CountSources,
    ) -> Result<SourceAdmissions, StoreError> {
        let counts = self.counted_as.iter();
        let counts = counts.map(|(source, limit)| self.count_source(source, *limit, seen, attempts));
        try_join_all(counts).await.map(SourceAdmissions)
    }

    async fn count_source(
        &self,
        source: &Pseudonym,
        limit: u64,
        seen: &ClosedSources,
        attempts: &impl CountSources,
    ) -> Result<Admission, StoreError> {
        if let Some(wait) = seen.wait(source, self.now) {
            return Ok(Admission::Wait(wait));
        }
        let admission = attempts.count_source(source, limit, self.now).await?;
        if let Admission::Wait(_) = admission {
            seen.close(source, self.now);
        }
        Ok(admission)
    }

    /// Takes back what was counted for the sources, because the store failed before the password was checked. An error
    /// is ignored: the request has already failed.
    pub(crate) async fn take_back_sources(&self, sources: &SourceAdmissions, attempts: &impl CountSources) {
        let counted = sources.admitted_sources(&self.counted_as);
        let excused = join_all(counted.iter().map(|source| attempts.excuse_source(source, self.now)));
        drop(timeout(TAKE_BACK, excused).await);
    }

    /// Counts the attempt in the lane of the known device, no matter which network the device uses. If there is no
    /// known device, or its lane is used up, the attempt is counted in the lane of the source instead. Attempts of
    /// others at the same address or from the same network therefore do not lock out a known device.
    pub(crate) async fn admit(
        &self,
        device: Option<&DeviceId>,
        sources: &SourceAdmissions,
        attempts: &impl CountAttempts,
    ) -> Result<Ticket, GuardError> {
        let of_device = device.map(|device| Lane::Device(self.address.clone(), device.clone()));
        let counted_for = sources.admitted_sources(&self.counted_as);
        if let Some(lane) = &of_device {
            match attempts.count(lane, &self.id, self.now).await? {
                Admission::Admitted => {
                    return Ok(Ticket::new(lane.clone(), self.id.clone(), self.now).with_sources(counted_for));
                }
                Admission::Wait(retry_after) => return Err(GuardError::throttled(lane.name(), retry_after)),
                Admission::Closed => {}
            }
        }
        if let Some(retry_after) = sources.wait() {
            return Err(GuardError::throttled("source", retry_after));
        }
        let lane = Lane::Stranger {
            address: self.address.clone(),
            source: self.source.clone(),
        };
        let ticket = admit(lane, &self.id, self.now, attempts).await?;
        Ok(ticket.with_sources(counted_for).with_closed(of_device))
    }
}

impl SourceAdmissions {
    /// Returns how long the attempt has to wait because a source is used up, or `None` if no source is used up. This
    /// wait does not apply to an attempt in the lane of a known device.
    fn wait(&self) -> Option<Span> {
        let waits = self.0.iter().filter_map(|admission| match admission {
            Admission::Wait(wait) => Some(*wait),
            Admission::Admitted | Admission::Closed => None,
        });
        waits.max()
    }

    /// Returns the sources for which the attempt was counted.
    fn admitted_sources(&self, counted_as: &[(Pseudonym, u64)]) -> Vec<Pseudonym> {
        let counts = counted_as.iter().zip(&self.0);
        counts
            .filter(|(_, admission)| **admission == Admission::Admitted)
            .map(|((source, _), _)| source.clone())
            .collect()
    }
}
