//! The report of refused lines, on the terminal and in a file.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::refusal::Refusal;
use crate::{arguments::Output, output, progress::Progress};

/// How many refused lines are shown. A mistake in every line of a file would hide everything else.
const SHOWN: u64 = 20;

/// The place where refused lines are reported.
pub(super) struct Report<'a> {
    file: Option<(BufWriter<File>, PathBuf)>,
    progress: &'a Progress,
    output: Output,
    refused: u64,
}

impl<'a> Report<'a> {
    /// Returns a report that goes to standard error, above the progress bar, and to the file at `path` if one is given.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn new(path: Option<&Path>, progress: &'a Progress, output: Output) -> anyhow::Result<Self> {
        let create = |path: &Path| {
            let file = File::create(path).with_context(|| write_error(path))?;
            anyhow::Ok((BufWriter::new(file), path.to_owned()))
        };
        Ok(Self {
            file: path.map(create).transpose()?,
            progress,
            output,
            refused: 0,
        })
    }

    /// Reports a refused line.
    pub(super) fn add(&mut self, refusal: &Refusal) -> anyhow::Result<()> {
        self.refused = self.refused.saturating_add(1);
        let line = serde_json::to_string(refusal)?;
        if self.refused <= SHOWN {
            let shown = match self.output {
                Output::Json | Output::Jsonl => line.clone(),
                Output::Table | Output::Name => refusal.to_string(),
            };
            self.progress.suspend(|| output::print_aside(&shown));
        }
        let Some((file, path)) = &mut self.file else {
            return Ok(());
        };
        writeln!(file, "{line}").with_context(|| write_error(path))
    }

    /// Flushes the file, and says how many refused lines were not shown.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let more = self.refused.saturating_sub(SHOWN);
        let place = self.file.as_ref().map(|(_, path)| path.display().to_string());
        if more > 0 {
            let place = place.map_or_else(
                || "pass --report <file> to get all".to_owned(),
                |path| format!("all are in {path}"),
            );
            output::print_note(&format!("and {more} more refused lines: {place}"));
        }
        match self.file {
            Some((mut file, path)) => file.flush().with_context(|| write_error(&path)),
            None => Ok(()),
        }
    }
}

fn write_error(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
