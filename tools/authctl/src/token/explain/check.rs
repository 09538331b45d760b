//! A check as a row of output.

use serde::Serialize;

use crate::output::Row;

/// A check with its result.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    #[serde(rename = "check")]
    pub(super) name: String,
    pub(super) result: Finding,
    pub(super) detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Finding {
    Passed,
    Failed,
    /// The check was not made, because an earlier one failed.
    NotReached,
    /// The check was not made, because it needs more than the token and the keys.
    NotMade,
}

impl Check {
    pub(super) fn new(name: &str, result: Finding, detail: &str) -> Self {
        Self {
            name: name.to_owned(),
            result,
            detail: detail.to_owned(),
        }
    }
}

impl Row for Check {
    const COLUMNS: &'static [&'static str] = &["CHECK", "RESULT", "DETAIL"];

    fn cells(&self) -> Vec<String> {
        let result = match self.result {
            Finding::Passed => "passed",
            Finding::Failed => "failed",
            Finding::NotReached => "not reached",
            Finding::NotMade => "not made",
        };
        vec![self.name.clone(), result.to_owned(), self.detail.clone()]
    }
}
