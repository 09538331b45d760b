//! An attempt to log in, as it is counted: in its lane, where it comes from, and once its password was right.

use claims::{DeviceId, Millis, Seconds, TokenId, UserId};
use futures::future::{try_join_all, try_join3};

use crate::{
    attempts::{
        Admission, ClosedSources, CountAttempts, CountSources, CountSuccesses, Lane, Pseudonym, Success, Throttling,
    },
    error::StoreError,
    login::LoginError,
    session::ClientDetails,
    user::Email,
};

/// An attempt at a password, as it is counted.
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

/// Where an attempt was counted as a failure: for each of what it counts as, whether that has had its share.
#[derive(Debug)]
pub(crate) struct FromSources(Vec<Admission>);

impl LoginAttempt {
    /// An attempt of this client at this address.
    pub(crate) fn new(
        id: TokenId,
        email: &Email,
        client: &ClientDetails,
        throttling: Throttling<'_>,
        now: Millis,
    ) -> Self {
        let ip = client.ip.as_deref();
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
    /// that of its source. Whoever shares an address or a network with an attacker is not kept out by them.
    pub(crate) async fn count(
        &self,
        device: Option<&DeviceId>,
        sources: &FromSources,
        attempts: &impl CountAttempts,
    ) -> Result<Lane, LoginError> {
        if let Some(device) = device {
            let lane = self.of_device(device);
            match attempts.count(&lane, &self.id, self.now).await? {
                Admission::Admitted => return Ok(lane),
                Admission::Wait(retry_after) => return Err(self.throttled(lane.name(), retry_after)),
                Admission::Closed => {}
            }
        }
        if let Some(retry_after) = sources.wait() {
            return Err(self.throttled("source", retry_after));
        }
        let lane = Lane::Stranger {
            address: self.address.clone(),
            source: self.source.clone(),
        };
        match attempts.count(&lane, &self.id, self.now).await? {
            Admission::Wait(retry_after) => Err(self.throttled(lane.name(), retry_after)),
            Admission::Admitted | Admission::Closed => Ok(lane),
        }
    }

    /// Takes its counts back and counts it as a success of the user's. A known device whose lane was closed has one again.
    pub(crate) async fn succeed(
        &self,
        user_id: &UserId,
        lane: &Lane,
        device: Option<&DeviceId>,
        sources: &FromSources,
        attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    ) -> Result<(), LoginError> {
        let excuse_sources = try_join_all(
            sources
                .admitted(&self.counted_as)
                .map(|source| attempts.excuse_source(source, self.now)),
        );
        let closed = device.map(|device| self.of_device(device));
        let clear = try_join_all(
            [Some(lane), closed.as_ref().filter(|closed| *closed != lane)]
                .into_iter()
                .flatten()
                .map(|lane| attempts.clear(lane)),
        );
        let success = Success::Login(user_id.clone(), device.cloned());
        let succeeded = attempts.count_success(&success, self.now);
        match try_join3(clear, excuse_sources, succeeded).await?.2 {
            Admission::Wait(retry_after) => Err(self.throttled("logins", retry_after)),
            Admission::Admitted | Admission::Closed => Ok(()),
        }
    }

    fn of_device(&self, device: &DeviceId) -> Lane {
        Lane::Device(self.address.clone(), device.clone())
    }

    fn throttled(&self, lane: &'static str, retry_after: Seconds) -> LoginError {
        LoginError::Throttled {
            address: self.address.clone(),
            lane,
            retry_after,
        }
    }
}

impl FromSources {
    /// How long whoever has no lane of their own is to wait.
    fn wait(&self) -> Option<Seconds> {
        let waits = self.0.iter().filter_map(|admission| match admission {
            Admission::Wait(wait) => Some(*wait),
            Admission::Admitted | Admission::Closed => None,
        });
        waits.max()
    }

    /// Those of what the attempt counts as in which it was counted.
    fn admitted<'a>(&'a self, counted_as: &'a [(Pseudonym, u64)]) -> impl Iterator<Item = &'a Pseudonym> {
        let counts = counted_as.iter().zip(&self.0);
        counts
            .filter(|(_, admission)| **admission == Admission::Admitted)
            .map(|((source, _), _)| source)
    }
}
