//! Output as a table or as JSON.

mod factors_row;
mod key_row;
mod session_row;
mod started_mail;
mod user_details;
mod user_row;

use std::io::Write as _;

use anyhow::Context as _;
use claims::Timestamp;
use comfy_table::{Table, TableStyle};
use serde::Serialize;

pub(crate) use factors_row::FactorsRow;
pub(crate) use key_row::KeyRow;
pub(crate) use session_row::SessionRow;
pub(crate) use started_mail::print_started_mail;
pub(crate) use user_details::{Known, UserDetails, print_details};
pub(crate) use user_row::UserRow;

use crate::arguments::Output;

/// A result that is shown as one row.
pub(crate) trait Row: Serialize {
    /// The column names.
    const COLUMNS: &'static [&'static str];

    /// Returns the values of the columns.
    fn cells(&self) -> Vec<String>;

    /// Returns the name of the result for other commands. By default, it is the value of the first column.
    fn name(&self) -> String {
        self.cells().into_iter().next().unwrap_or_default()
    }
}

/// Prints any number of rows.
pub(crate) fn print_rows<R: Row>(rows: &[R], output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print(&serde_json::to_string_pretty(rows)?),
        Output::Jsonl => {
            for row in rows {
                print(&serde_json::to_string(row)?);
            }
        }
        Output::Name => {
            for row in rows {
                print(&row.name());
            }
        }
        Output::Table => print(&table(rows)),
    }
    Ok(())
}

/// Prints one row.
pub(crate) fn print_row<R: Row>(row: &R, output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print(&serde_json::to_string_pretty(row)?),
        Output::Jsonl | Output::Name | Output::Table => print_rows(std::slice::from_ref(row), output)?,
    }
    Ok(())
}

/// Prints a generated password to standard error, so that a program that reads the result does not also get the
/// password.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn print_password(password: &str) {
    eprintln!("Password (shown only once): {password}");
}

/// Prints a line to standard output. It is not an error if the reader of a pipe stops early.
pub(crate) fn print(text: &str) {
    writeln!(std::io::stdout().lock(), "{text}").unwrap_or_default();
}

/// Prints a note for people to standard error.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn print_note(text: &str) {
    eprintln!("{text}");
}

/// Prints an error with its causes in one line.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn print_error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

fn table<R: Row>(rows: &[R]) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_header(R::COLUMNS);
    table.add_rows(rows.iter().map(Row::cells));
    table.trim_fmt()
}

/// Formats a timestamp as in RFC 3339.
pub(crate) fn date(at: Timestamp) -> anyhow::Result<String> {
    let seconds = i64::try_from(at.get()).context("date out of range")?;
    Ok(jiff::Timestamp::from_second(seconds)?.to_string())
}
