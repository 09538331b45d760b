//! Results, as a table or as JSON.

mod key_row;
mod session_row;
mod user_row;

use std::io::Write as _;

use anyhow::Context as _;
use claims::Timestamp;
use comfy_table::{Table, TableStyle};
use serde::Serialize;

pub(crate) use key_row::KeyRow;
pub(crate) use session_row::SessionRow;
pub(crate) use user_row::UserRow;

use crate::arguments::Output;

/// Something that is shown in a row of its own.
pub(crate) trait Row: Serialize {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// What stands in them.
    fn cells(&self) -> Vec<String>;
}

/// Shows any number of rows.
pub(crate) fn list<R: Row>(rows: &[R], output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print(&serde_json::to_string_pretty(rows)?),
        Output::Table => print(&table(rows)),
    }
    Ok(())
}

/// Shows one row.
pub(crate) fn one<R: Row>(row: &R, output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print(&serde_json::to_string_pretty(row)?),
        Output::Table => print(&table(std::slice::from_ref(row))),
    }
    Ok(())
}

/// Shows a generated password, on standard error so that a program which reads the result does not get it by accident.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn password(password: &str) {
    eprintln!("Password, shown this once: {password}");
}

/// Shows a text. Who reads it may have read enough: that is no fault.
pub(crate) fn print(text: &str) {
    writeln!(std::io::stdout().lock(), "{text}").unwrap_or_default();
}

/// Shows what a person is to know and no program.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Shows what went wrong, with its causes, in one line.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

fn table<R: Row>(rows: &[R]) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_header(R::COLUMNS);
    table.add_rows(rows.iter().map(Row::cells));
    table.trim_fmt()
}

/// A point in time as people read it (RFC 3339).
pub(crate) fn date(at: Timestamp) -> anyhow::Result<String> {
    let seconds = i64::try_from(at.get()).context("a date after the end of time")?;
    Ok(jiff::Timestamp::from_second(seconds)?.to_string())
}
