//! The source of an import: a file or standard input. A separate thread reads it, so that slow input does not delay the
//! writes.

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
use crate::user::arguments::{FileFormat, Import};

/// The number of lines to read ahead.
const AHEAD: usize = 256;

/// A line, or its refusal. An error ends the reading.
type Found = anyhow::Result<Result<Line, Refusal>>;

/// An open file of users.
pub(super) struct Source {
    lines: Box<dyn Iterator<Item = Found> + Send>,
    /// The position in the file.
    pub(super) position: ProgressBar,
}

impl Source {
    /// Opens the file of the command, and reads its header if it has one.
    ///
    /// # Errors
    /// If the file cannot be read, its header is invalid, or neither the option nor the file's extension determines its
    /// format.
    pub(super) fn open(command: &Import) -> anyhow::Result<Self> {
        let format = command.format.map_or_else(|| format(&command.file), Ok)?;
        let (input, position): (Box<dyn Read + Send>, _) = if command.file == Path::new("-") {
            (Box::new(stdin()), ProgressBar::no_length())
        } else {
            let open = || -> std::io::Result<_> {
                let file = File::open(&command.file)?;
                let length = file.metadata()?.len();
                Ok((file, length))
            };
            let (file, length) = open().with_context(|| format!("cannot read {}", command.file.display()))?;
            (Box::new(file), ProgressBar::new(length))
        };
        let input = BufReader::new(position.wrap_read(input));
        Ok(Self {
            lines: match format {
                FileFormat::Csv => Box::new(CsvLines::new(input)?),
                FileFormat::Jsonl => Box::new(JsonLines::new(input)),
            },
            position,
        })
    }

    /// Returns the lines as they are read.
    pub(super) fn into_lines(self) -> impl Stream<Item = Found> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        // The thread is not joined: it may still wait for standard input when the import is over.
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
        _ => bail!("unknown file format: pass --format csv or --format jsonl"),
    }
}
