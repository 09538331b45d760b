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

use anyhow::{anyhow, ensure};
use auth::accounts::{ImportError, ImportedUser};
use claims::{Clock, Moment};
use futures::{Stream, StreamExt as _};
use rand::CryptoRng;
use store::Accounts;
use tokio::signal::unix::{SignalKind, signal};

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
    output,
    user::{arguments::Import, persistence::retry_outages},
};

/// The maximum number of users that are imported at the same time.
const AT_ONCE: usize = 16;
/// The result of a line: how its user was imported, or why it was refused. A [`Break`] ends the import.
type Outcome = Result<Result<auth::accounts::Imported, Refusal>, Break>;

/// The reason why an import stops before the end of its file.
enum Break {
    /// The file cannot be read, or the report cannot be written.
    File(anyhow::Error),
    /// The store failed for the user of this line. The user may have been written nevertheless.
    Store(u64, anyhow::Error),
    /// The operator interrupted the import.
    Interrupted,
}

/// Imports every valid line of a file and prints a summary.
///
/// # Errors
/// If the file cannot be read, the report cannot be written, a line was refused, the operator interrupts the import, or
/// the store still fails after the retries.
pub(super) async fn run(command: Import, users: &Accounts, clock: &impl Clock, output: Output) -> anyhow::Result<()> {
    let source = Source::open(&command)?;
    let mut report = Report::new(command.report.as_deref(), source.progress.clone())?;
    let mode = if command.dry_run { Mode::DryRun } else { Mode::Real };
    let mut summary = Summary::new(mode);
    let stop = Stop::new();

    let outcomes = outcomes(source, mode, users, clock, &stop);
    let reported = report_outcomes(outcomes, &stop, &mut summary, &mut report).await;
    let finished = report.finish();
    output::print_row(&summary, output)?;
    reported?;
    finished?;
    ensure!(summary.refused == 0, "refused lines: {}", summary.refused);
    Ok(())
}

/// Returns the results of the lines, in the order of the file. No line is started after a stop.
fn outcomes(
    source: Source,
    mode: Mode,
    users: &Accounts,
    clock: &impl Clock,
    stop: &Stop,
) -> impl Stream<Item = Outcome> {
    let (mut seen, mut rng) = (Seen::default(), config::random());
    let prepared = source
        .into_lines()
        .take_until(stop.requested())
        .map(move |read| read.map(|line| prepare(line?, &mut seen, clock.now(), &mut rng)));
    prepared
        .inspect(move |_| stop.count_begun())
        .map(move |prepared| settle(prepared, mode, users, stop))
        .buffered(AT_ONCE)
}

/// Makes all checks of a line that do not need the existing users, and returns the line's number and user.
fn prepare(line: Line, seen: &mut Seen, now: Moment, rng: &mut impl CryptoRng) -> Result<(u64, ImportedUser), Refusal> {
    let number = line.number;
    let user = ImportedUser::new(line.into_record(now, rng)?);
    let user = user.map_err(|invalid| Refusal::from_record(number, &invalid))?;
    seen.admit(number, &user)?;
    Ok((number, user))
}

async fn settle(
    prepared: anyhow::Result<Result<(u64, ImportedUser), Refusal>>,
    mode: Mode,
    users: &Accounts,
    stop: &Stop,
) -> Outcome {
    let (line, user) = match prepared.map_err(Break::File)? {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match retry_outages(
        async || import_or_foresee(&user, mode, users).await,
        || !stop.is_requested(),
    )
    .await
    {
        Ok(import) => Ok(Ok(import)),
        Err(error) => Refusal::from_import(line, error)
            .map(Err)
            .map_err(|error| Break::Store(line, error)),
    }
}

async fn import_or_foresee(
    user: &ImportedUser,
    mode: Mode,
    users: &Accounts,
) -> Result<auth::accounts::Imported, ImportError> {
    match mode {
        Mode::Real => auth::accounts::import_user(user, users).await,
        Mode::DryRun => auth::accounts::foresee_import(user, users).await,
    }
}

/// Counts the results of the lines and reports the refused ones. After a stop, waits until the lines under way are
/// finished or the operator interrupts again.
async fn report_outcomes(
    outcomes: impl Stream<Item = Outcome>,
    stop: &Stop,
    summary: &mut Summary,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut outcomes = pin!(outcomes);
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let mut first = None;
    loop {
        let reported = tokio::select! {
            outcome = outcomes.next() => match outcome {
                Some(outcome) => outcome.and_then(|outcome| count(outcome, summary, report)),
                None => break,
            },
            _ = interrupts.recv() => Err(Break::Interrupted),
            _ = terminations.recv() => Err(Break::Interrupted),
        };
        let Err(cause) = reported else { continue };
        match cause {
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

fn count(
    outcome: Result<auth::accounts::Imported, Refusal>,
    summary: &mut Summary,
    report: &mut Report,
) -> Result<(), Break> {
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
            Break::Interrupted => anyhow!("interrupted: {AGAIN}"),
        }
    }
}
