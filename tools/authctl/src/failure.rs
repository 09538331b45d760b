//! Failures that have an exit code of their own.

use std::path::PathBuf;

/// The operator interrupted the command.
#[derive(Debug, thiserror::Error)]
#[error("interrupted: {0}")]
pub(crate) struct Interrupted(pub(crate) String);

/// An import refused lines.
#[derive(Debug, thiserror::Error)]
#[error("refused lines: {0}")]
pub(crate) struct RefusedLines(pub(crate) u64);

/// With `--local`, no folder with the keys of `cargo dev` was found.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no {usual} in this folder or in a folder above it: run this in the clone in which `cargo dev` runs, or \
     pass --keys <folder>",
    usual = .0.display()
)]
pub(crate) struct NoKeyFiles(pub(crate) PathBuf);

/// There is no such user, or the stack lacks a table, a secret or a log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotThere(pub(crate) String);

/// An examination found what does not work, or could not examine everything.
#[derive(Debug, thiserror::Error)]
#[error("problems: {problems}; not examined: {unknown}")]
pub(crate) struct Unhealthy {
    pub(crate) problems: usize,
    pub(crate) unknown: usize,
}
