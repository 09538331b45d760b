//! An attempt to log in, as it is counted: in its lane and where it comes from.

use claims::{DeviceId, Millis, Seconds, TokenId};

use crate::{
    Admission, ClientDetails, CountAttempts, CountSources, Email, Lane, LoginError, Pseudonym, StoreError, Throttling,
};

/// An attempt at a password, as it is counted.
#[derive(Debug)]
pub(crate) struct LoginAttempt {
    id: TokenId,
    address: Pseudonym,
    /// What stands for the address that it comes from, and how many from there may fail; none where that is not known or
    /// not limited.
    source: Option<(Pseudonym, u64)>,
    now: Millis,
}

impl LoginAttempt {
    /// An attempt of this client at this address.
    pub(crate) fn new(
        id: TokenId,
        email: &Email,
        client: &ClientDetails,
        throttling: Throttling<'_>,
        now: Millis,
    ) -> Self {
        Self {
            id,
            address: throttling.pseudonyms.of_address(email),
            source: source(client, throttling),
            now,
        }
    }

    /// What stands for the address that it is at.
    pub(crate) const fn address(&self) -> &Pseudonym {
        &self.address
    }

    /// Counts it where it comes from.
    pub(crate) async fn count_source(&self, attempts: &impl CountSources) -> Result<Admission, StoreError> {
        match &self.source {
            Some((source, limit)) => attempts.count_source(source, *limit, self.now).await,
            None => Ok(Admission::Admitted),
        }
    }

    /// Counts it in its lane: that of its device if the user has logged in from that before, wherever it is now. Who shares
    /// an address or a network with an attacker is not kept out by them.
    pub(crate) async fn count(
        &self,
        device: Option<&DeviceId>,
        from_source: Admission,
        attempts: &impl CountAttempts,
    ) -> Result<Lane, LoginError> {
        if let Some(device) = device {
            let lane = Lane::Device(self.address.clone(), device.clone());
            match attempts.count(&lane, &self.id, self.now).await? {
                Admission::Admitted => return Ok(lane),
                Admission::Wait(retry_after) => return Err(self.throttled(lane.name(), retry_after)),
                Admission::Closed => {}
            }
        }
        if let Admission::Wait(retry_after) = from_source {
            return Err(self.throttled("source", retry_after));
        }
        let lane = Lane::Address(self.address.clone());
        match attempts.count(&lane, &self.id, self.now).await? {
            Admission::Wait(retry_after) => Err(self.throttled(lane.name(), retry_after)),
            Admission::Admitted | Admission::Closed => Ok(lane),
        }
    }

    /// Takes its counts back. A known device that had no lane of its own any more has one again.
    pub(crate) async fn excuse(
        &self,
        lane: &Lane,
        device: Option<&DeviceId>,
        from_source: Admission,
        attempts: &(impl CountAttempts + CountSources),
    ) -> Result<(), StoreError> {
        let excuse_source = async {
            match &self.source {
                Some((source, _)) if from_source == Admission::Admitted => {
                    attempts.excuse_source(source, self.now).await
                }
                Some(_) | None => Ok(()),
            }
        };
        let reopen = async {
            match device {
                Some(device) if lane.device().is_none() => {
                    let closed = Lane::Device(self.address.clone(), device.clone());
                    attempts.clear(&closed).await
                }
                Some(_) | None => Ok(()),
            }
        };
        tokio::try_join!(attempts.clear(lane), excuse_source, reopen).map(|_| ())
    }

    fn throttled(&self, lane: &'static str, retry_after: Seconds) -> LoginError {
        LoginError::Throttled {
            address: self.address.clone(),
            lane,
            retry_after,
        }
    }
}

fn source(client: &ClientDetails, throttling: Throttling<'_>) -> Option<(Pseudonym, u64)> {
    let source = throttling.pseudonyms.of_source(client.ip.as_deref()?);
    Some((source, throttling.source_limit?))
}
