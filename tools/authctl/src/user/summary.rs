//! What became of a file of users.

use auth::Import;
use serde::Serialize;

use crate::output::Row;

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Real,
    DryRun,
}

/// How many lines came to what.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    dry_run: bool,
    imported: u64,
    left: u64,
    pub(super) refused: u64,
}

impl Summary {
    pub(super) const fn new(mode: Mode) -> Self {
        Self {
            dry_run: matches!(mode, Mode::DryRun),
            imported: 0,
            left: 0,
            refused: 0,
        }
    }

    pub(super) const fn count(&mut self, import: Import) {
        let count = match import {
            Import::Added => &mut self.imported,
            Import::Left => &mut self.left,
        };
        *count = count.saturating_add(1);
    }

    pub(super) const fn count_refused(&mut self) {
        self.refused = self.refused.saturating_add(1);
    }
}

impl Row for Summary {
    const COLUMNS: &'static [&'static str] = &["IMPORTED", "LEFT", "REFUSED", "WRITTEN"];

    fn cells(&self) -> Vec<String> {
        let written = if self.dry_run { "nothing: a dry run" } else { "yes" };
        let counts = [self.imported, self.left, self.refused].map(|count| count.to_string());
        counts.into_iter().chain([written.to_owned()]).collect()
    }
}
