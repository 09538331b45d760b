//! An attempt to log in: in which lane it is counted, and for which sources.

use claims::{DeviceId, Millis, Seconds, TokenId};
use futures::future::try_join_all;

use crate::{
    attempts::{
        Admission, ClosedSources, CountAttempts, CountSources, GuardError, Lane, Pseudonym, Throttling,
        guard::{Ticket, admit},
    },
    error::StoreError,
    user::Email,
};

/// An attempt at the password of an address.
#[derive(Debug)]
pub(crate) struct LoginAttempt {
    id: TokenId,
    address: Pseudonym,
    /// What stands for the source that it comes from, whose lane it has; one for all that are not known.
    source: Pseudonym,
    /// What it counts as a failure of, and how many of those there may be.
    counted_as: Vec<(Pseudonym, u64)>,
    now: Millis,
}

/// Where an attempt was counted as a failure: for each source that it counts for, whether that has had its share.
#[derive(Debug)]
pub(crate) struct FromSources(Vec<Admission>);

impl LoginAttempt {
    /// An attempt at this address, from the IP address `ip` if that is known.
    pub(crate) fn new(id: TokenId, email: &Email, ip: Option<&str>, throttling: Throttling<'_>, now: Millis) -> Self {
        Self {
            id,
            address: throttling.pseudonyms.of_address(email),
            source: throttling.pseudonyms.of_source(ip.unwrap_or_default()),
            counted_as: throttling.sources(ip),
            now,
        }
    }

    /// What stands for the address that it is at.
    pub(crate) const fn address(&self) -> &Pseudonym {
        &self.address
    }

    /// How long where it comes from stays closed, if this process has seen that it is.
    pub(crate) fn closed(&self, seen: &ClosedSources) -> Option<Seconds> {
        let waits = self.counted_as.iter();
        waits.filter_map(|(source, _)| seen.wait(source, self.now)).max()
    }

    /// Counts it where it comes from, unless that was seen closed; what the store finds closed is seen so from now on.
    pub(crate) async fn count_sources(
        &self,
        seen: &ClosedSources,
        attempts: &impl CountSources,
    ) -> Result<FromSources, StoreError> {
        let counts = self.counted_as.iter();
        let counts = counts.map(|(source, limit)| self.count_source(source, *limit, seen, attempts));
        try_join_all(counts).await.map(FromSources)
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

    /// Counts it in its lane: that of its device if the user has logged in from that before, wherever it is now, or else
    /// that of its source. Sharing an address or a network with an attacker locks nobody out.
    pub(crate) async fn admit(
        &self,
        device: Option<&DeviceId>,
        sources: &FromSources,
        attempts: &impl CountAttempts,
    ) -> Result<Ticket, GuardError> {
        let of_device = device.map(|device| Lane::Device(self.address.clone(), device.clone()));
        let counted_for = sources.admitted(&self.counted_as);
        if let Some(lane) = &of_device {
            match attempts.count(lane, &self.id, self.now).await? {
                Admission::Admitted => return Ok(Ticket::admitted(lane.clone(), self.now).with_sources(counted_for)),
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
        Ok(ticket.with_sources(counted_for).after_closed(of_device))
    }
}

impl FromSources {
    /// How long a stranger has to wait.
    fn wait(&self) -> Option<Seconds> {
        let waits = self.0.iter().filter_map(|admission| match admission {
            Admission::Wait(wait) => Some(*wait),
            Admission::Admitted | Admission::Closed => None,
        });
        waits.max()
    }

    /// The sources that the attempt was counted for.
    fn admitted(&self, counted_as: &[(Pseudonym, u64)]) -> Vec<Pseudonym> {
        let counts = counted_as.iter().zip(&self.0);
        counts
            .filter(|(_, admission)| **admission == Admission::Admitted)
            .map(|((source, _), _)| source.clone())
            .collect()
    }
}
