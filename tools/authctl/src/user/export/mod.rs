//! `authctl user export` writes every user with their password hash, so that nobody is locked in.

mod exported_line;

use std::{
    fs::{self, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use auth::accounts::ExportedUser;
use serde::Serialize;
use store::Accounts;

use self::exported_line::ExportedLine;
use crate::{
    arguments::Output,
    output::{self, Row},
    user::{
        arguments::{Export, FileFormat},
        column::Column,
        persistence::retry_outages,
    },
};

/// The result of an export to a file.
#[derive(Serialize)]
struct Exported<'a> {
    exported: u64,
    file: &'a Path,
}

/// Exports every user, page by page, to standard output or to a new file. After a short outage, it continues with the
/// next page.
///
/// # Errors
/// If the file exists already or cannot be written, or the store fails for longer than a moment. An incomplete file
/// is removed.
pub(super) async fn run(command: Export, users: &Accounts, output: Output) -> anyhow::Result<()> {
    let Some(file) = &command.to else {
        write(io::stdout(), command.format, users).await?;
        return Ok(());
    };
    let cannot = || format!("cannot write {}", file.display());
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let exported = write(created.with_context(cannot)?, command.format, users).await;
    if exported.is_err() {
        // An incomplete export looks like a complete one.
        fs::remove_file(file).with_context(cannot)?;
    }
    let exported = exported?;
    output::print_row(&Exported { exported, file }, output)
}

/// Writes every user and returns their number.
async fn write(to: impl Write, format: FileFormat, users: &Accounts) -> anyhow::Result<u64> {
    let mut to = BufWriter::new(to);
    let mut written = 0_u64;
    if format == FileFormat::Csv {
        to.write_all(&csv_line(Column::ALL.map(Column::name))?)?;
    }
    let mut after = None;
    loop {
        let page = retry_outages(
            async || auth::accounts::export_page(after.as_deref(), users).await,
            || true,
        )
        .await?;
        for user in &page.users {
            to.write_all(&line(user, format)?)?;
            written = written.saturating_add(1);
        }
        after = page.next;
        if after.is_none() {
            to.flush()?;
            return Ok(written);
        }
    }
}

fn line(user: &ExportedUser, format: FileFormat) -> anyhow::Result<Vec<u8>> {
    let exported = ExportedLine::new(user)?;
    match format {
        FileFormat::Csv => csv_line(exported.cells()?),
        FileFormat::Jsonl => {
            let mut line = serde_json::to_vec(&exported)?;
            line.push(b'\n');
            Ok(line)
        }
    }
}

fn csv_line(values: impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut line = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    line.serialize(values)?;
    line.into_inner().context("cannot write a line")
}

impl Row for Exported<'_> {
    const COLUMNS: &'static [&'static str] = &["EXPORTED", "FILE"];

    fn cells(&self) -> Vec<String> {
        vec![self.exported.to_string(), self.file.display().to_string()]
    }
}
