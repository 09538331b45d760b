//! The summary of an import.

use auth::accounts::Imported;
use serde::Serialize;

use crate::output::Row;

/// Whether the import writes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Real,
    DryRun,
}

/// The number of lines per result.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    dry_run: bool,
    imported: u64,
    left: u64,
    pub(super) refused: u64,
    /// The number of lines without a result, because the store failed or the import was interrupted. Some of their
    /// users may have been written nevertheless.
    #[serde(skip_serializing_if = "is_zero")]
    unanswered: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Summary {
    pub(super) const fn new(mode: Mode) -> Self {
        Self {
            dry_run: matches!(mode, Mode::DryRun),
            imported: 0,
            left: 0,
            refused: 0,
            unanswered: 0,
        }
    }

    pub(super) const fn count(&mut self, import: Imported) {
        let count = match import {
            Imported::Added => &mut self.imported,
            Imported::Left => &mut self.left,
        };
        *count = count.saturating_add(1);
    }

    pub(super) const fn count_unanswered(&mut self) {
        self.unanswered = self.unanswered.saturating_add(1);
    }

    /// Counts the started lines without a result as unanswered.
    pub(super) const fn count_under_way(&mut self, begun: u64) {
        let told = self.imported.saturating_add(self.left).saturating_add(self.refused);
        self.unanswered = begun.saturating_sub(told);
    }

    pub(super) const fn count_refused(&mut self) {
        self.refused = self.refused.saturating_add(1);
    }
}

impl Row for Summary {
    const COLUMNS: &'static [&'static str] = &["IMPORTED", "LEFT", "REFUSED", "WRITTEN"];

    fn cells(&self) -> Vec<String> {
        let written = match (self.dry_run, self.unanswered) {
            (true, _) => "nothing (dry run)".to_owned(),
            (false, 0) => "yes".to_owned(),
            (false, unanswered) => format!("yes; unknown for {unanswered} more, which got no answer"),
        };
        let counts = [self.imported, self.left, self.refused].map(|count| count.to_string());
        counts.into_iter().chain([written]).collect()
    }
}
