//! `authctl user import` adds the users of another system, several at the same time. Of the users that it has already
//! read, it keeps only the addresses and the ids in memory.

mod csv_lines;
mod csv_record;
mod json_lines;
mod line;
mod malformed;
mod refusal;
mod report;
mod seen;
mod source;
mod stop;
mod summary;
mod text_lines;

use std::pin::pin;

use auth::{
    accounts::{ImportError, Imported, ImportedUser},
    error::StoreError,
    password::{FindPassword as _, FindPasswords as _, PasswordRecord},
};
use claims::{Clock, Moment};
use futures::{Stream, StreamExt as _, stream};
use rand::CryptoRng;
use store::Accounts;
use tokio::sync::Semaphore;

use self::{
    line::Line,
    refusal::Refusal,
    report::Report,
    seen::Seen,
    source::Source,
    stop::Stop,
    summary::{Mode, Summary},
};
use crate::{
    arguments::Output,
    failure::{Interrupted, RefusedLines},
    interruptions::Interruptions,
    output,
    progress::Progress,
    user::{arguments::Import, persistence::retry_outages},
};

/// The maximum number of users that are written at the same time. On a slow connection, most of the time is spent
/// waiting.
const AT_ONCE: usize = 64;
/// The maximum number of lines whose results wait for that of an earlier line. One write that is tried again does not
/// hold up the others.
const WINDOW: usize = 512;
/// The maximum number of addresses that are looked up in one call.
const BATCH: usize = 100;
/// The maximum number of such calls at the same time.
const BATCHES: usize = 4;

/// A line that passed all checks that do not need the existing users, with its number and user, or its refusal.
type Prepared = Result<(u64, ImportedUser), Refusal>;
/// A prepared line, with the credentials that exist under its address. A [`Break`] ends the import.
type Found = Result<(Prepared, Option<PasswordRecord>), Break>;
/// The result of a line: how its user was imported, or why it was refused. A [`Break`] ends the import.
type Outcome = Result<Result<Imported, Refusal>, Break>;

/// The reason why an import stops before the end of its file.
enum Break {
    /// The file cannot be read, or the report cannot be written.
    File(anyhow::Error),
    /// The store failed for the user of this line. The user may have been written nevertheless.
    Store(u64, anyhow::Error),
    /// The operator interrupted the import.
    Interrupted,
    /// The import stopped before this line was started.
    NotStarted,
}

/// An import that is over, perhaps before the end of its file.
#[derive(Debug)]
pub(super) struct Finished {
    summary: Summary,
    /// The error with which it ended: the file cannot be read, the report cannot be written, a line was refused, the
    /// operator interrupted the import, or the store still failed after the retries.
    pub(super) outcome: anyhow::Result<()>,
}

impl Finished {
    /// Prints the summary.
    pub(super) fn print(&self, output: Output) -> anyhow::Result<()> {
        output::print_row(&self.summary, output)
    }
}

/// Imports every valid line of a file.
///
/// # Errors
/// If the file cannot be opened, or the report cannot be created. Nothing was imported then.
pub(super) async fn run(
    command: &Import,
    users: &Accounts,
    clock: &impl Clock,
    output: Output,
) -> anyhow::Result<Finished> {
    let source = Source::open(command)?;
    let mode = if command.dry_run { Mode::DryRun } else { Mode::Real };
    let progress = &Progress::new("lines", source.position.clone(), output);
    let mut report = Report::new(command.report.as_deref(), progress, output)?;
    let mut summary = Summary::new(mode);
    let (stop, permits) = (Stop::new(), Semaphore::new(AT_ONCE));

    let outcomes = outcomes(source, mode, users, clock, &stop, &permits).inspect(|_| progress.add(1));
    let reported = tokio::select! {
        reported = report_outcomes(outcomes, &stop, &mut summary, &mut report) => reported,
        never = progress.keep_shown() => never,
    };
    progress.finish();
    let outcome = reported.and(report.finish()).and_then(|()| match summary.refused {
        0 => Ok(()),
        refused => Err(RefusedLines(refused).into()),
    });
    Ok(Finished { summary, outcome })
}

/// Returns the results of the lines, in the order of the file. No line is written after a stop.
fn outcomes(
    source: Source,
    mode: Mode,
    users: &Accounts,
    clock: &impl Clock,
    stop: &Stop,
    permits: &Semaphore,
) -> impl Stream<Item = Outcome> {
    let (mut seen, mut rng) = (Seen::default(), config::random());
    let prepared = source
        .into_lines()
        .map(move |read| read.map(|line| prepare(line?, &mut seen, clock.now(), &mut rng)));
    let found = prepared
        .ready_chunks(BATCH)
        .map(move |lines| find(lines, users, stop))
        .buffered(BATCHES)
        .flat_map(stream::iter);
    found
        .take_until(stop.requested())
        .map(move |found| async move {
            // The semaphore is never closed.
            let _permit = permits.acquire().await.ok();
            settle(found, mode, users, stop).await
        })
        .buffered(WINDOW)
}

/// Makes all checks of a line that do not need the existing users.
fn prepare(line: Line, seen: &mut Seen, now: Moment, rng: &mut impl CryptoRng) -> Prepared {
    let number = line.number;
    let user = ImportedUser::new(line.into_record(now, rng)?);
    let user = user.map_err(|invalid| Refusal::from_record(number, &invalid))?;
    seen.admit(number, &user)?;
    Ok((number, user))
}

/// Looks up the addresses of several lines in one call. If this fails, nothing is known about any of the lines.
async fn find(lines: Vec<anyhow::Result<Prepared>>, users: &Accounts, stop: &Stop) -> Vec<Found> {
    let wanted = lines.iter().filter_map(|line| line.as_ref().ok()?.as_ref().ok());
    let (numbers, emails): (Vec<u64>, Vec<_>) = wanted.map(|(number, user)| (*number, user.email().clone())).unzip();
    let emails: Vec<_> = emails.iter().collect();
    let records = retry_outages(async || users.password_records(&emails).await, || !stop.is_requested()).await;
    match records {
        Ok(records) => {
            let mut records = records.into_iter();
            let with_record = lines.into_iter().map(|line| {
                let prepared = line.map_err(Break::File)?;
                let record = prepared.as_ref().ok().and_then(|_| records.next().flatten());
                Ok((prepared, record))
            });
            with_record.collect()
        }
        Err(StoreError::Malformed { .. }) => {
            let each = stream::iter(lines).then(|line| find_one(line, users));
            each.collect().await
        }
        Err(error) => vec![Err(Break::Store(
            numbers.first().copied().unwrap_or_default(),
            error.into(),
        ))],
    }
}

/// Looks up the address of one line. A malformed item concerns this line only.
async fn find_one(line: anyhow::Result<Prepared>, users: &Accounts) -> Found {
    let (number, user) = match line.map_err(Break::File)? {
        Ok(prepared) => prepared,
        refused => return Ok((refused, None)),
    };
    match users.password_record(user.email()).await {
        Ok(record) => Ok((Ok((number, user)), record)),
        Err(error) => match Refusal::from_import(number, error.into()) {
            Ok(refusal) => Ok((Err(refusal), None)),
            Err(error) => Err(Break::Store(number, error)),
        },
    }
}

/// Adds the user of a line, unless there is one under the address or the import has stopped.
async fn settle(found: Found, mode: Mode, users: &Accounts, stop: &Stop) -> Outcome {
    if stop.is_requested() {
        return Err(Break::NotStarted);
    }
    stop.count_begun();
    let (prepared, record) = found?;
    let (line, user) = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let import = match user.compare(record.as_ref()) {
        Ok(Imported::Added) => retry_outages(async || add(&user, mode, users).await, || !stop.is_requested()).await,
        known => known,
    };
    match import {
        Ok(import) => Ok(Ok(import)),
        Err(error) => Refusal::from_import(line, error)
            .map(Err)
            .map_err(|error| Break::Store(line, error)),
    }
}

async fn add(user: &ImportedUser, mode: Mode, users: &Accounts) -> Result<Imported, ImportError> {
    match mode {
        Mode::Real => auth::accounts::add_imported(user, users).await,
        Mode::DryRun => auth::accounts::check_id(user, users).await,
    }
}

/// Counts the results of the lines and reports the refused ones. After a stop, waits until the lines under way are
/// finished or the operator interrupts again.
async fn report_outcomes(
    outcomes: impl Stream<Item = Outcome>,
    stop: &Stop,
    summary: &mut Summary,
    report: &mut Report<'_>,
) -> anyhow::Result<()> {
    let mut outcomes = pin!(outcomes);
    let mut interruptions = Interruptions::listen()?;
    let mut first = None;
    loop {
        let reported = tokio::select! {
            outcome = outcomes.next() => match outcome {
                Some(outcome) => outcome.and_then(|outcome| count(outcome, summary, report)),
                None => break,
            },
            () = interruptions.next() => Err(Break::Interrupted),
        };
        let Err(cause) = reported else { continue };
        match cause {
            Break::NotStarted => continue,
            Break::Interrupted if stop.is_requested() => {
                summary.count_under_way(stop.begun());
                break;
            }
            Break::Store(..) => summary.count_unanswered(),
            Break::Interrupted | Break::File(_) => {}
        }
        stop.request();
        first.get_or_insert(cause);
    }
    first.map_or(Ok(()), |cause| Err(cause.into()))
}

fn count(outcome: Result<Imported, Refusal>, summary: &mut Summary, report: &mut Report<'_>) -> Result<(), Break> {
    match outcome {
        Ok(import) => summary.count(import),
        Err(refusal) => {
            summary.count_refused();
            report.add(&refusal).map_err(Break::File)?;
        }
    }
    Ok(())
}

impl From<Break> for anyhow::Error {
    fn from(cause: Break) -> Self {
        const AGAIN: &str = "run this again, and imported lines are skipped";
        match cause {
            Break::File(error) => error,
            Break::Store(line, error) => error.context(format!("stopped at line {line}: {AGAIN}")),
            Break::Interrupted | Break::NotStarted => Interrupted(AGAIN.to_owned()).into(),
        }
    }
}
