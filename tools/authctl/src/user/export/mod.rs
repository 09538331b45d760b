//! `authctl user export` writes every user with their password hash, so that an operator can move to another system.

mod exported_line;
mod file;

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use auth::accounts::ExportedUser;
use indicatif::ProgressBar;
use serde::Serialize;
use store::Accounts;

use self::{exported_line::ExportedLine, file::PendingFile};
use crate::{
    arguments::Output,
    failure::Interrupted,
    interruptions::Interruptions,
    output::Row,
    progress::Progress,
    user::{
        arguments::{Export, FileFormat},
        column::Column,
        persistence::retry_outages,
    },
};

/// The result of an export to a file.
#[derive(Debug, Serialize)]
pub(super) struct Exported {
    exported: u64,
    file: PathBuf,
}

/// Exports every user, page by page, to standard output or to a new file. After a short outage, the failed page is read
/// again. Returns the file, or `None` for standard output.
///
/// # Errors
/// If the file exists already or cannot be written, the store still fails after the retries, or the operator interrupts
/// the export. There is no file then.
pub(super) async fn run(command: &Export, users: &Accounts, output: Output) -> anyhow::Result<Option<Exported>> {
    let progress = &Progress::new("exported", size(users).await, output);
    let export = async {
        match &command.to {
            None => write_out(command.format, users, progress).await,
            Some(file) => write_file(file, command.format, users, progress).await,
        }
    };
    let exported = tokio::select! {
        exported = export => exported,
        never = progress.keep_shown() => never,
    };
    progress.finish();
    exported?;
    Ok(command.to.clone().map(|file| Exported {
        exported: progress.users(),
        file,
    }))
}

/// Returns a bar of the approximate number of users, for the estimate of the rest.
async fn size(users: &Accounts) -> ProgressBar {
    let count = users.approximate_count().await;
    count.map_or_else(ProgressBar::no_length, ProgressBar::new)
}

/// Writes every user to standard output. It is not an error if the reader of a pipe stops early.
async fn write_out(format: FileFormat, users: &Accounts, progress: &Progress) -> anyhow::Result<()> {
    let written = write(io::stdout(), format, users, progress).await;
    match written {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        written => written.map(drop),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

/// Writes every user to a new file.
async fn write_file(file: &Path, format: FileFormat, users: &Accounts, progress: &Progress) -> anyhow::Result<()> {
    // The signals are heard from before the file is created, so that none leaves a part of it.
    let mut interruptions = Interruptions::listen_with_hangups()?;
    let (pending, part) = PendingFile::create(file)?;
    let written: anyhow::Result<File> = tokio::select! {
        written = write(part, format, users, progress) => written,
        () = interruptions.next() => Err(interrupted(progress).into()),
    };
    pending.complete(&written?)
}

fn interrupted(progress: &Progress) -> Interrupted {
    let users = progress.users();
    Interrupted(format!("after {users} users; no file was left: run this again"))
}

/// Writes every user, and returns what they were written to.
async fn write<W: Write>(to: W, format: FileFormat, users: &Accounts, progress: &Progress) -> anyhow::Result<W> {
    const FULL: &str = "cannot write the export: free space, or choose another place with --to";
    let mut to = BufWriter::new(to);
    if format == FileFormat::Csv {
        to.write_all(&csv_line(Column::ALL.map(Column::name))?).context(FULL)?;
    }
    let mut after = None;
    loop {
        let page = retry_outages(
            async || auth::accounts::export_page(after.as_deref(), users).await,
            || true,
        )
        .await?;
        for user in &page.users {
            to.write_all(&line(user, format)?).context(FULL)?;
        }
        progress.advance(page.users.len().try_into()?);
        after = page.next;
        if after.is_none() {
            let whole = to.into_inner().map_err(io::IntoInnerError::into_error);
            return whole.context(FULL);
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

impl Row for Exported {
    const COLUMNS: &'static [&'static str] = &["EXPORTED", "FILE"];

    fn cells(&self) -> Vec<String> {
        vec![self.exported.to_string(), self.file.display().to_string()]
    }
}
