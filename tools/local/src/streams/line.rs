//! One event source: a stream, its shards and the function that processes the records.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use claims::Clock;
use serde_json::{Value, json};
use store::Aws;
use tokio::time::Instant;

use super::{
    decision::{Batch, decide},
    given_up::{Origin, Reason, metadata},
    lane::{Lane, Taken},
    outcome::Outcome,
    position::{Position, Positions},
    stream::{Read, Shard, Stream},
};
use crate::{
    functions::Functions,
    private_file,
    template::{EventSource, StartingPosition},
};

/// One event source.
#[derive(Debug)]
pub(super) struct Line {
    source: EventSource,
    /// The stream, once it is found.
    stream: Option<Stream>,
    lanes: BTreeMap<String, Lane>,
    /// The folder of the positions, if they are kept.
    folder: Option<PathBuf>,
    /// The positions that were written last.
    written: Option<Positions>,
    /// The metadata of the records that were given up.
    pub(super) given_up: Vec<Value>,
    pub(super) notice: fn(&str),
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The number of records that the function processed.
    pub(super) delivered: usize,
    /// Whether another round could do more at once.
    pub(super) is_moving: bool,
}

impl Line {
    pub(super) const fn new(source: EventSource, notice: fn(&str)) -> Self {
        Self {
            source,
            stream: None,
            lanes: BTreeMap::new(),
            folder: None,
            written: None,
            given_up: Vec::new(),
            notice,
        }
    }

    /// Keeps the positions in a folder, and continues from those that are there.
    pub(super) fn keep_in(&mut self, folder: &Path) -> anyhow::Result<()> {
        self.folder = Some(folder.to_owned());
        self.written = Positions::read(&folder.join(format!("{}.json", self.source.name)))?;
        Ok(())
    }

    /// Ends all waits before retries.
    pub(super) fn wake(&mut self) {
        self.lanes.values_mut().for_each(Lane::wake);
    }

    /// Sends at most one batch of each shard. `now` is the time by which waits are measured.
    pub(super) async fn run_once(
        &mut self,
        aws: &Aws,
        functions: &impl Functions,
        clock: &impl Clock,
        now: Instant,
    ) -> anyhow::Result<Progress> {
        let stream = match &self.stream {
            Some(stream) => stream.clone(),
            None => Stream::find(aws, &self.source.table).await?,
        };
        self.stream = Some(stream.clone());
        self.find_lanes(&stream).await?;
        let mut progress = Progress::default();
        for id in self.lanes.keys().cloned().collect::<Vec<_>>() {
            if !self.is_ready(&id, now) {
                continue;
            }
            let Some(mut lane) = self.lanes.get(&id).cloned() else {
                continue;
            };
            // If this fails or is cancelled, the lane stays as it was, and its records are sent again.
            let done = self.advance(&mut lane, &stream, functions, clock).await?;
            self.lanes.insert(id, lane);
            self.write_positions(&stream)?;
            progress.delivered = progress.delivered.saturating_add(done.delivered);
            progress.is_moving |= done.is_moving;
        }
        Ok(progress)
    }

    /// Adds the shards that are new, and removes those that the stream no longer has.
    async fn find_lanes(&mut self, stream: &Stream) -> anyhow::Result<()> {
        let shards = stream.shards().await?;
        let saved = self.written.clone().filter(|saved| saved.stream == stream.arn);
        let ids: BTreeSet<String> = shards.iter().map(|shard| shard.id.clone()).collect();
        self.lanes.retain(|id, lane| ids.contains(id) || lane.first().is_some());
        for shard in shards {
            if !self.lanes.contains_key(&shard.id) {
                let lane = self.new_lane(shard, saved.as_ref(), stream).await?;
                self.lanes.insert(lane.shard.id.clone(), lane);
            }
        }
        self.write_positions(stream)
    }

    /// Returns the lane of a shard that was not read yet. A shard that appears later is read from its start, because it
    /// continues another one.
    async fn new_lane(&self, shard: Shard, saved: Option<&Positions>, stream: &Stream) -> anyhow::Result<Lane> {
        if let Some(saved) = saved {
            let position = saved.shards.get(&shard.id).cloned().unwrap_or_default();
            return Ok(Lane::new(shard, position));
        }
        let mut lane = Lane::new(shard, Position::Start);
        if self.source.start == StartingPosition::Latest {
            skip_all(&mut lane, stream).await?;
        }
        Ok(lane)
    }

    /// Returns whether a shard can be read, or its next batch can be sent. The records of its parent come first.
    fn is_ready(&self, id: &str, now: Instant) -> bool {
        let Some(lane) = self.lanes.get(id) else {
            return false;
        };
        let parent = lane.shard.parent.as_ref().and_then(|parent| self.lanes.get(parent));
        let is_after_parent = parent.is_none_or(|parent| parent.position == Position::Finished);
        is_after_parent && lane.position != Position::Finished && !lane.is_resting(now)
    }

    async fn advance(
        &mut self,
        lane: &mut Lane,
        stream: &Stream,
        functions: &impl Functions,
        clock: &impl Clock,
    ) -> anyhow::Result<Progress> {
        let mut progress = Progress::default();
        if lane.first().is_none() {
            let read = stream.read(&lane.shard.id, &lane.read_to, lane.place.clone()).await?;
            let taken = lane.take(read, &self.source);
            if taken == Taken::Lost {
                (self.notice)(&format!("{}: the stream no longer has all records", self.source.name));
            }
            progress.is_moving = taken != Taken::None || lane.position == Position::Finished;
        }
        let expired = lane.take_expired(&self.source, clock.now().timestamp());
        self.give_up(&expired, Reason::RecordAgeExceeded, lane, stream, clock)?;
        progress.is_moving |= !expired.records.is_empty();
        let Some(batch) = lane.first().cloned() else {
            return Ok(progress);
        };
        let records: Vec<&Value> = batch.records.iter().map(|record| &record.event).collect();
        let event = json!({"Records": records}).to_string();
        let EventSource { function, timeout, .. } = &self.source;
        let answer = functions.invoke(function, event, *timeout).await;
        if let Err(error) = &answer {
            (self.notice)(&format!("{}: {error}", self.source.name));
        }
        let outcome = Outcome::of(&answer, &batch.records, self.source.reports_failures);
        let decision = decide(batch, outcome, &self.source.limits);
        lane.apply(&decision, Instant::now());
        self.give_up(&decision.given_up, Reason::RetryAttemptsExhausted, lane, stream, clock)?;
        progress.delivered = decision.delivered.len();
        progress.is_moving = true;
        Ok(progress)
    }

    /// Reports records that are given up, and keeps their metadata if the template has a destination for it.
    fn give_up(
        &mut self,
        batch: &Batch,
        reason: Reason,
        lane: &Lane,
        stream: &Stream,
        clock: &impl Clock,
    ) -> anyhow::Result<()> {
        let origin = Origin {
            function: &self.source.function,
            stream: &stream.arn,
            shard: &lane.shard.id,
        };
        let Some(metadata) = metadata(batch, reason, origin, clock.now().timestamp()) else {
            return Ok(());
        };
        let (name, count) = (&self.source.name, batch.records.len());
        (self.notice)(&format!("{name}: gave up {count} records: {}", reason.text()));
        if self.source.on_failure.is_some() {
            if let Some(folder) = &self.folder {
                private_file::append(&folder.join(format!("{name}.given-up.jsonl")), &metadata.to_string())?;
            }
            self.given_up.push(metadata);
        }
        Ok(())
    }

    /// Writes the positions, if they have changed.
    fn write_positions(&mut self, stream: &Stream) -> anyhow::Result<()> {
        let lanes = self.lanes.iter();
        let positions = Positions {
            stream: stream.arn.clone(),
            shards: lanes.map(|(id, lane)| (id.clone(), lane.position.clone())).collect(),
        };
        if self.written.as_ref() == Some(&positions) {
            return Ok(());
        }
        if let Some(folder) = &self.folder {
            positions.write(&folder.join(format!("{}.json", self.source.name)))?;
        }
        self.written = Some(positions);
        Ok(())
    }
}

/// Moves a lane behind the newest record. A position is known even if there is no record yet, unlike with an iterator of
/// the type `LATEST`, so that nothing is lost if the stack stops before the first record.
async fn skip_all(lane: &mut Lane, stream: &Stream) -> anyhow::Result<()> {
    loop {
        let read = stream.read(&lane.shard.id, &lane.read_to, lane.place.clone()).await?;
        let is_end = match &read {
            Read::Records { records, next } => records.is_empty() || next.is_none(),
            Read::Expired | Read::Trimmed => false,
        };
        lane.skip(read);
        if is_end {
            return Ok(());
        }
    }
}
