//! The report of refused lines, on the terminal and in a file.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use indicatif::ProgressBar;

use super::refusal::Refusal;
use crate::output;

/// The place where refused lines are reported.
pub(super) struct Report {
    file: Option<(BufWriter<File>, PathBuf)>,
    progress: ProgressBar,
}

impl Report {
    /// Returns a report that goes to standard error, above the progress bar, and to the file at `path` if one is given.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn new(path: Option<&Path>, progress: ProgressBar) -> anyhow::Result<Self> {
        let create = |path: &Path| {
            let file = File::create(path).with_context(|| write_error(path))?;
            anyhow::Ok((BufWriter::new(file), path.to_owned()))
        };
        Ok(Self {
            file: path.map(create).transpose()?,
            progress,
        })
    }

    /// Reports a refused line.
    pub(super) fn add(&mut self, refusal: &Refusal) -> anyhow::Result<()> {
        self.progress.suspend(|| output::print_note(&refusal.to_string()));
        let Some((file, path)) = &mut self.file else {
            return Ok(());
        };
        let line = serde_json::to_string(refusal)?;
        writeln!(file, "{line}").with_context(|| write_error(path))
    }

    /// Flushes the file and removes the progress bar.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        self.progress.finish_and_clear();
        match self.file {
            Some((mut file, path)) => file.flush().with_context(|| write_error(&path)),
            None => Ok(()),
        }
    }
}

fn write_error(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
