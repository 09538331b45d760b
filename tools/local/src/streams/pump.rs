//! The pump that delivers the records of all streams to their functions.

use std::{convert::Infallible, path::Path, time::Duration};

use anyhow::Context as _;
use claims::Clock;
use serde_json::Value;
use store::{Aws, Patience};
use tokio::time::{Instant, sleep};

use super::line::{Line, Progress};
use crate::{functions::Functions, template::EventSource};

/// The time between two reads of a stream without new records.
const POLL: Duration = Duration::from_millis(250);
/// The time after which a stream that could not be read is read again.
const AFTER_ERROR: Duration = Duration::from_secs(5);

/// The pump that delivers the records of streams to functions, as Lambda's event source mappings do: at least once, and
/// in the order of each shard.
#[derive(Debug)]
pub struct Pump<F, C> {
    aws: Aws,
    functions: F,
    clock: C,
    lines: Vec<Line>,
    notice: fn(&str),
}

impl<F: Functions, C: Clock> Pump<F, C> {
    /// Creates a pump that forgets its positions when it is dropped. `clock` shows the age of the records. `notice`
    /// prints a line.
    #[must_use]
    pub fn new(aws: Aws, sources: Vec<EventSource>, functions: F, clock: C, notice: fn(&str)) -> Self {
        Self {
            // A busy machine may answer late, and a stream is read again anyway.
            aws: aws.with_patience(Patience::for_operator()),
            functions,
            clock,
            lines: sources.into_iter().map(|source| Line::new(source, notice)).collect(),
            notice,
        }
    }

    /// Keeps the positions in this folder, and continues from those that are there. The folder also gets the metadata of
    /// records that are given up.
    ///
    /// # Errors
    /// If the folder cannot be made or read, or a file in it is malformed.
    pub fn keep_in(mut self, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for line in &mut self.lines {
            line.keep_in(folder)?;
        }
        Ok(self)
    }

    /// Delivers everything that is in the streams now, and returns how many records the functions have processed.
    /// Records of a batch that failed are sent again at once, but at most once in each call: the next call sends them
    /// again. Their shard delivers nothing else before that.
    ///
    /// # Errors
    /// If a stream cannot be read, or a position cannot be written.
    pub async fn drain(&mut self) -> anyhow::Result<usize> {
        self.lines.iter_mut().for_each(Line::wake);
        let (started, mut delivered) = (Instant::now(), 0_usize);
        loop {
            let progress = self.run_once(started).await?;
            delivered = delivered.saturating_add(progress.delivered);
            if !progress.is_moving {
                return Ok(delivered);
            }
        }
    }

    /// Delivers records for ever. A stream that cannot be read is reported and read again.
    pub async fn run(&mut self) -> Infallible {
        let mut reported = None;
        loop {
            let wait = match self.run_once(Instant::now()).await {
                Ok(Progress { is_moving: true, .. }) => Duration::ZERO,
                Ok(_) => POLL,
                Err(error) => {
                    let text = format!("{error:#}");
                    if reported.as_ref() != Some(&text) {
                        (self.notice)(&format!("cannot deliver the records of a stream: {text}"));
                        reported = Some(text);
                    }
                    AFTER_ERROR
                }
            };
            sleep(wait).await;
        }
    }

    /// Returns the metadata of the records that were given up by sources with a destination on failure.
    pub fn given_up(&self) -> impl Iterator<Item = &Value> {
        self.lines.iter().flat_map(|line| &line.given_up)
    }

    async fn run_once(&mut self, now: Instant) -> anyhow::Result<Progress> {
        let (mut all, mut outcome) = (Progress::default(), Ok(()));
        for line in &mut self.lines {
            match line.run_once(&self.aws, &self.functions, &self.clock, now).await {
                Ok(progress) => {
                    all.delivered = all.delivered.saturating_add(progress.delivered);
                    all.is_moving |= progress.is_moving;
                }
                // One stream that cannot be read does not keep the records of the others back.
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| all)
    }
}
