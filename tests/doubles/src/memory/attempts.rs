//! Counting password attempts in memory, with the rules of [`auth::attempts`].

use claims::{Moment, TokenId};

use super::Memory;
use auth::{
    attempts::{
        Admission, AttemptRecord, CountAttempts, CountSources, CountSuccesses, Lane, ManageAttempts, Pseudonym,
        ReadFailures, Success, source_window, success_window,
    },
    error::StoreError,
};

impl CountAttempts for Memory {
    async fn count(&self, lane: &Lane, attempt: &TokenId, now: Moment) -> Result<Admission, StoreError> {
        let records = &mut self.tables().attempts;
        let known = records
            .get(&lane.record())
            .filter(|record| !record.is_forgotten(lane, now));
        let admission = known.map_or(Admission::Admitted, |record| record.admit(lane, attempt, now));
        let is_counted = known.is_some_and(|record| record.has_counted(lane, attempt));
        if admission == Admission::Admitted && !is_counted {
            let counted = AttemptRecord::counted(known, lane, attempt, now);
            records.insert(lane.record(), counted);
        }
        Ok(admission)
    }

    async fn take_back(&self, lane: &Lane, attempt: &TokenId) -> Result<(), StoreError> {
        if let Some(record) = self.tables().attempts.get_mut(&lane.record()) {
            record.take_back(lane, attempt);
        }
        Ok(())
    }

    async fn clear(&self, lane: &Lane) -> Result<(), StoreError> {
        if let Some(record) = self.tables().attempts.get_mut(&lane.record()) {
            record.clear(lane);
        }
        Ok(())
    }
}

impl ReadFailures for Memory {
    async fn failures(&self, lane: &Lane) -> Result<u64, StoreError> {
        let tables = self.tables();
        let own = tables
            .attempts
            .get(&lane.record())
            .and_then(|record| record.lanes.get(lane.key()));
        Ok(own.map_or(0, |own| own.failures))
    }
}

impl ManageAttempts for Memory {
    async fn attempts(&self, record: &str) -> Result<Option<AttemptRecord>, StoreError> {
        Ok(self.tables().attempts.get(record).cloned())
    }

    async fn remove_attempts(&self, record: &str) -> Result<(), StoreError> {
        self.tables().attempts.remove(record);
        Ok(())
    }
}

impl CountSources for Memory {
    async fn count_source(&self, source: &Pseudonym, limit: u64, now: Moment) -> Result<Admission, StoreError> {
        let (window, left) = source_window(now);
        let mut tables = self.tables();
        let failures = tables.sources.entry((source.clone(), window)).or_default();
        if *failures >= limit {
            return Ok(Admission::Wait(left));
        }
        *failures = failures.saturating_add(1);
        Ok(Admission::Admitted)
    }

    async fn excuse_source(&self, source: &Pseudonym, now: Moment) -> Result<(), StoreError> {
        let (window, _) = source_window(now);
        if let Some(failures) = self.tables().sources.get_mut(&(source.clone(), window)) {
            *failures = failures.saturating_sub(1);
        }
        Ok(())
    }
}

impl CountSuccesses for Memory {
    async fn count_success(&self, success: &Success, now: Moment) -> Result<Admission, StoreError> {
        let (window, _) = success_window(now);
        let mut tables = self.tables();
        let successes = tables.successes.entry((success.record(), window)).or_default();
        Ok(successes.count(success, now))
    }
}
