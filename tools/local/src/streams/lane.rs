//! A shard with the records that are read but not processed yet.

use std::collections::VecDeque;

use claims::Timestamp;
use tokio::time::Instant;

use super::{
    decision::{Batch, Decision},
    position::Position,
    record::Record,
    stream::{Read, Shard},
};
use crate::template::EventSource;

/// A shard with the records that are read but not processed yet.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) shard: Shard,
    /// How far the shard is processed.
    pub(super) position: Position,
    /// How far the shard is read.
    pub(super) read_to: Position,
    /// The place of the next records in the stream, if the shard was read lately.
    pub(super) place: Option<String>,
    /// Whether the shard has no records after those that were read.
    is_at_end: bool,
    pending: VecDeque<Batch>,
    /// The time at which the first batch is sent again.
    rests_until: Option<Instant>,
}

/// What came of reading a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// There were records, or the next read may find some.
    Some,
    /// There are no records now.
    None,
    /// The stream lost records that were not processed.
    Lost,
}

impl Lane {
    pub(super) fn new(shard: Shard, position: Position) -> Self {
        Self {
            shard,
            is_at_end: position == Position::Finished,
            read_to: position.clone(),
            position,
            place: None,
            pending: VecDeque::new(),
            rests_until: None,
        }
    }

    /// Returns the batch that is sent next, if there is one.
    pub(super) fn first(&self) -> Option<&Batch> {
        self.pending.front()
    }

    /// Returns whether the first batch has to wait at this time.
    pub(super) fn is_resting(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Ends the wait of the first batch.
    pub(super) const fn wake(&mut self) {
        self.rests_until = None;
    }

    /// Takes what was read from the stream.
    pub(super) fn take(&mut self, read: Read, source: &EventSource) -> Taken {
        let (taken, records) = self.absorb(read);
        let is_wanted = |record: &Record| {
            source.filters.is_empty() || source.filters.iter().any(|filter| filter.matches(&record.event))
        };
        let wanted: Vec<Record> = records.into_iter().filter(is_wanted).collect();
        let batches = wanted.chunks(source.batch_size.max(1));
        self.pending.extend(batches.map(|batch| Batch::new(batch.to_vec())));
        self.settle();
        taken
    }

    /// Passes over what was read from the stream.
    pub(super) fn skip(&mut self, read: Read) {
        self.absorb(read);
        self.settle();
    }

    /// Moves the place of the next records behind what was read.
    fn absorb(&mut self, read: Read) -> (Taken, Vec<Record>) {
        match read {
            Read::Records { records, next } => {
                self.is_at_end = next.is_none();
                self.place = next;
                let Some(last) = records.last() else {
                    return (Taken::None, records);
                };
                self.read_to = Position::After(last.sequence_number.clone());
                (Taken::Some, records)
            }
            Read::Expired => {
                self.place = None;
                (Taken::Some, Vec::new())
            }
            Read::Trimmed => {
                self.place = None;
                self.read_to = Position::Start;
                (Taken::Lost, Vec::new())
            }
        }
    }

    /// Takes the records that are too old out of the first batch, and returns them.
    pub(super) fn take_expired(&mut self, source: &EventSource, now: Timestamp) -> Batch {
        let Some(mut first) = self.pending.pop_front() else {
            return Batch::new(Vec::new());
        };
        let expired = first.take_expired(&source.limits, now);
        if !first.records.is_empty() {
            self.pending.push_front(first);
        }
        self.pass(&expired.records);
        expired
    }

    /// Replaces the first batch with what was decided for it.
    pub(super) fn apply(&mut self, decision: &Decision, now: Instant) {
        self.pending.pop_front();
        for batch in decision.next.iter().rev() {
            self.pending.push_front(batch.clone());
        }
        self.rests_until = (!decision.wait.is_zero())
            .then(|| now.checked_add(decision.wait))
            .flatten();
        self.pass(&decision.delivered);
        self.pass(&decision.given_up.records);
    }

    /// Moves the position behind these records.
    fn pass(&mut self, records: &[Record]) {
        if let Some(last) = records.last() {
            self.position = Position::After(last.sequence_number.clone());
        }
        self.settle();
    }

    /// Moves the position to the end of what was read, if all of it is processed.
    fn settle(&mut self) {
        if self.pending.is_empty() {
            self.position = if self.is_at_end {
                Position::Finished
            } else {
                self.read_to.clone()
            };
        }
    }
}
