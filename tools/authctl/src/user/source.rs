//! Where an import reads from: a file or standard input, by a thread of its own, so that a slow one keeps no write waiting.

use std::{
    fs::File,
    io::{BufReader, Read, stdin},
    path::Path,
    thread,
};

use anyhow::{Context as _, bail};
use futures::{Stream, stream};
use indicatif::ProgressBar;
use tokio::sync::mpsc;

use super::{csv_lines::CsvLines, json_lines::JsonLines, line::Line, refusal::Refusal};
use crate::arguments::{FileFormat, Import};

/// How many lines are read ahead.
const AHEAD: usize = 64;

/// A line, or why it is none; an error ends the reading.
type Found = anyhow::Result<Result<Line, Refusal>>;

/// A file of users that is open.
pub(super) struct Source {
    lines: Box<dyn Iterator<Item = Found> + Send>,
    /// How far it was read; hidden where nobody watches.
    pub(super) progress: ProgressBar,
}

impl Source {
    /// Opens what the command names, and reads its header if it has one.
    ///
    /// # Errors
    /// When it cannot be read, or its format is neither said nor known by its name.
    pub(super) fn open(command: &Import) -> anyhow::Result<Self> {
        let format = command.format.map_or_else(|| format(&command.file), Ok)?;
        let (input, progress): (Box<dyn Read + Send>, _) = if command.file == Path::new("-") {
            (Box::new(stdin()), ProgressBar::no_length())
        } else {
            let open = || -> std::io::Result<_> {
                let file = File::open(&command.file)?;
                let length = file.metadata()?.len();
                Ok((file, length))
            };
            let (file, length) = open().with_context(|| format!("{} cannot be read", command.file.display()))?;
            (Box::new(file), ProgressBar::new(length))
        };
        let input = BufReader::new(progress.wrap_read(input));
        Ok(Self {
            lines: match format {
                FileFormat::Csv => Box::new(CsvLines::new(input)?),
                FileFormat::Jsonl => Box::new(JsonLines::new(input)),
            },
            progress,
        })
    }

    /// The lines, as they are read.
    pub(super) fn into_lines(self) -> impl Stream<Item = Found> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        // Nobody waits for its end: it may be waiting for standard input when the import is over.
        thread::spawn(move || {
            for line in self.lines {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|line| (line, receiver))
        })
    }
}

fn format(file: &Path) -> anyhow::Result<FileFormat> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Ok(FileFormat::Csv),
        Some("jsonl") => Ok(FileFormat::Jsonl),
        _ => bail!("which format? say --format csv or --format jsonl"),
    }
}
