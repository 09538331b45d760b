//! `authctl user import`: users of another system, many at a time, in a memory that does not grow with what is known of
//! them.

use std::{pin::pin, time::Duration};

use anyhow::{Context as _, ensure};
use auth::{ImportError, ImportedUser, StoreError};
use claims::{Clock, Millis};
use futures::{Stream, StreamExt as _};
use rand::CryptoRng;
use store::Accounts;

use super::{
    line::Line,
    refusal::Refusal,
    report::Report,
    seen::Seen,
    source::Source,
    summary::{Mode, Summary},
};
use crate::{
    arguments::{Import, Output},
    output,
};

/// How many users are under way at once.
const AT_ONCE: usize = 16;
/// How long to wait before a user is tried again, and again: a table that had little to do takes a moment to grow.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// What a line comes to; an error ends the import.
type Outcome = anyhow::Result<Result<auth::Import, Refusal>>;

/// Imports a file, as far as its lines allow, and says what became of it.
///
/// # Errors
/// When the file cannot be read, when a line was refused, or when the store fails for longer than a moment.
pub(super) async fn run(command: Import, users: &Accounts, clock: &impl Clock, output: Output) -> anyhow::Result<()> {
    let source = Source::open(&command)?;
    let mut report = Report::new(command.report.as_deref(), source.progress.clone())?;
    let mode = if command.dry_run { Mode::DryRun } else { Mode::Real };
    let mut summary = Summary::new(mode);

    let outcomes = outcomes(source, mode, users, clock);
    let told = tell(outcomes, &mut summary, &mut report).await;
    report.finish()?;
    output::one(&summary, output)?;
    told?;
    ensure!(summary.refused == 0, "refused: {} of the lines", summary.refused);
    Ok(())
}

fn outcomes(source: Source, mode: Mode, users: &Accounts, clock: &impl Clock) -> impl Stream<Item = Outcome> {
    let (mut seen, mut rng) = (Seen::default(), config::random());
    let prepared = source
        .into_lines()
        .map(move |read| read.map(|line| prepare(line?, &mut seen, clock.now(), &mut rng)));
    prepared
        .map(move |prepared| settle(prepared, mode, users))
        .buffered(AT_ONCE)
}

/// What can be said of a line without looking at who is there.
fn prepare(line: Line, seen: &mut Seen, now: Millis, rng: &mut impl CryptoRng) -> Result<(u64, ImportedUser), Refusal> {
    let number = line.number;
    let user = ImportedUser::new(line.into_record()?, now, rng);
    let user = user.map_err(|invalid| Refusal::of_record(number, &invalid))?;
    seen.admit(number, &user)?;
    Ok((number, user))
}

async fn settle(
    prepared: anyhow::Result<Result<(u64, ImportedUser), Refusal>>,
    mode: Mode,
    users: &Accounts,
) -> Outcome {
    let (line, user) = match prepared? {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match patiently(&user, mode, users).await {
        Ok(import) => Ok(Ok(import)),
        Err(error) => Refusal::of_import(line, error)
            .map(Err)
            .with_context(|| format!("stopped at line {line}: run this again, and it goes on from there")),
    }
}

async fn patiently(user: &ImportedUser, mode: Mode, users: &Accounts) -> Result<auth::Import, ImportError> {
    for pause in PAUSES {
        match once(user, mode, users).await {
            Err(ImportError::Store(StoreError::Unavailable { .. })) => tokio::time::sleep(pause).await,
            outcome => return outcome,
        }
    }
    once(user, mode, users).await
}

async fn once(user: &ImportedUser, mode: Mode, users: &Accounts) -> Result<auth::Import, ImportError> {
    match mode {
        Mode::Real => auth::import_user(user, users).await,
        Mode::DryRun => auth::foresee_import(user, users).await,
    }
}

/// Counts and tells what lines come to, until one ends the import.
async fn tell(outcomes: impl Stream<Item = Outcome>, summary: &mut Summary, report: &mut Report) -> anyhow::Result<()> {
    let mut outcomes = pin!(outcomes);
    while let Some(outcome) = outcomes.next().await {
        match outcome? {
            Ok(import) => summary.count(import),
            Err(refusal) => {
                summary.count_refused();
                report.add(&refusal)?;
            }
        }
    }
    Ok(())
}
