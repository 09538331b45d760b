//! Output as a table or as JSON.

mod factors_row;
mod key_row;
mod session_row;
mod started_mail;
mod user_details;
mod user_row;

use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use anyhow::Context as _;
use claims::Timestamp;
use comfy_table::{Table, TableStyle};
use serde::Serialize;
use serde_json::json;

pub(crate) use factors_row::FactorsRow;
pub(crate) use key_row::KeyRow;
pub(crate) use session_row::SessionRow;
pub(crate) use started_mail::print_started_mail;
pub(crate) use user_details::{Known, UserDetails, print_details};
pub(crate) use user_row::UserRow;

use crate::{arguments::Output, exit::Exit};

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

/// The result of a command could not be written to standard output.
#[derive(Debug, thiserror::Error)]
#[error(
    "the command was done, but its output could not be written: to see the result, free space or use another output"
)]
pub(crate) struct Unprinted(#[source] io::Error);

/// Prints any number of rows.
pub(crate) fn print_rows<R: Row>(rows: &[R], output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print_json(rows),
        Output::Jsonl => rows.iter().try_for_each(print_json_line),
        Output::Name => rows.iter().try_for_each(|row| Ok(print(&row.name())?)),
        Output::Table => Ok(print(&table(rows))?),
    }
}

/// Prints one row.
pub(crate) fn print_row<R: Row>(row: &R, output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print_json(row),
        Output::Jsonl | Output::Name | Output::Table => print_rows(std::slice::from_ref(row), output),
    }
}

/// Prints a result that is a sentence for people, and an object for programs.
pub(crate) fn print_result(result: &impl Serialize, sentence: &str, output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => print_json(result),
        Output::Jsonl => print_json_line(result),
        Output::Table | Output::Name => Ok(print(&printable(sentence))?),
    }
}

/// Returns the text without control characters, because a terminal would obey them. Text may come from another host.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|&character| character == '\n' || !character.is_control())
        .collect()
}

/// Prints a value as JSON to standard output.
pub(crate) fn print_json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    Ok(print(&serde_json::to_string_pretty(value)?)?)
}

/// Prints a value as one line of JSON to standard output.
pub(crate) fn print_json_line<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    Ok(print(&serde_json::to_string(value)?)?)
}

/// Prints a line to standard output. It is not an error if the reader of a pipe stops early.
pub(crate) fn print(text: &str) -> Result<(), Unprinted> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Unprinted(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The format of notes, which code without the command's arguments prints too.
static NOTES: OnceLock<Output> = OnceLock::new();

/// Sets the format of notes, once for the whole command.
pub(crate) fn set_note_format(output: Output) {
    NOTES.get_or_init(|| output);
}

/// Prints a note for people to standard error, or for programs an object with the member `note`.
pub(crate) fn print_note(text: &str) {
    match NOTES.get().copied().unwrap_or(Output::Table) {
        Output::Json | Output::Jsonl => print_aside(&json!({"note": text}).to_string()),
        Output::Table | Output::Name => print_aside(text),
    }
}

/// Prints a line to standard error. A line that cannot be written is lost: there is no other place for it.
pub(crate) fn print_aside(text: &str) {
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}

/// Prints an error with its causes in one line, or for programs as an object.
pub(crate) fn print_error(error: &anyhow::Error, exit: Exit, output: Output) {
    match output {
        Output::Json | Output::Jsonl => {
            print_aside(&json!({"error": format!("{error:#}"), "exit_code": exit.code()}).to_string());
        }
        Output::Table | Output::Name => print_aside(&printable(&format!("error: {error:#}"))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_commands_the_terminal() {
        assert_eq!(
            printable("one\ntwo \u{1b}]0;title\u{7}\u{9b}31m\r"),
            "one\ntwo ]0;title31m"
        );
    }
}
