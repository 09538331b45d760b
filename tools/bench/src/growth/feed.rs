//! Measures how the time to a cold authorizer's first answer and its peak memory grow with the number of announcements.
//! The authorizer gets the processor share of a function with 256 MB.

use std::time::Instant;

use anyhow::{Context as _, bail};
use auth::feed::{Cursor, ReadAnnounced as _};
use claims::{Algorithm, Clock as _};
use config::SystemClock;
use reads::{Aws, FeedReads};

use crate::{
    authorizer::following,
    canned::Canned,
    contenders::Programs,
    markdown,
    process::{Running, Throttle},
    runtime_api::{Report, Stub},
    subject::Subject,
    tokens::Keys,
};

/// The measured cases: the number of announcements in the last hour, and whether there is a snapshot.
const CASES: [(u64, bool); 8] = [
    (0, false),
    (1_000, false),
    (10_000, true),
    (10_000, false),
    (100_000, true),
    (100_000, false),
    (300_000, true),
    (300_000, false),
];
/// The timeout of an authorizer, in milliseconds.
const TIMEOUT: u128 = 4_000;
/// The maximum peak memory of a process, in KiB.
const MEMORY: u64 = 96 * 1024;
/// The maximum time to the first answer with a snapshot and 100,000 announcements, in milliseconds.
const FIRST_ANSWER: u128 = 1_000;
/// The maximum number of invocations of a process until its first answer.
const INVOCATIONS: u32 = 100;
/// The size of a session's entry in the feed in bytes, as the tests of `store` count it.
const ENTRY: usize = 86;
/// The size of a read unit in bytes.
const UNIT: usize = 4_096;
/// The maximum read units of a poll at 33 announcements a second.
const POLL_UNITS: usize = 8;

/// The figures of a cold process. Times are in milliseconds, and the peak memory is in KiB.
struct Cold {
    invocations: u32,
    longest: u128,
    first_answer: u128,
    processor: u128,
    peak: u64,
}

/// Prints the time and the memory that a cold authorizer needs in each case, and the read units of a poll. Returns the
/// bounds that are exceeded.
///
/// # Errors
/// If a process fails.
pub(crate) fn measure(programs: &Programs) -> anyhow::Result<Vec<String>> {
    let (mut rows, mut exceeded) = (Vec::new(), Vec::new());
    for (announcements, with_snapshot) in CASES {
        let cold = start(programs, announcements, with_snapshot)?;
        let snapshot = if with_snapshot { "a minute old" } else { "none" };
        let is_slow = announcements == 100_000 && with_snapshot && cold.first_answer > FIRST_ANSWER;
        if is_slow || cold.longest >= TIMEOUT || cold.peak > MEMORY {
            exceeded.push(format!("{announcements} announcements, snapshot: {snapshot}"));
        }
        rows.push(vec![
            announcements.to_string(),
            snapshot.to_owned(),
            format!("{:.2} s", cold.first_answer as f64 / 1000.0),
            cold.invocations.to_string(),
            format!("{:.2} s", cold.longest as f64 / 1000.0),
            format!("{} ms", cold.processor),
            format!("{:.1} MiB", cold.peak as f64 / 1024.0),
        ]);
    }
    let head = [
        "announced in the last hour",
        "snapshot",
        "first answer",
        "requests until then",
        "longest of them",
        "CPU until then",
        "peak memory",
    ];
    markdown::print("A cold authorizer with 0.145 of a processor", &head, &rows);
    let units = poll()?;
    println!("\nA poll at 33 announcements a second: {units} read units.");
    if units > POLL_UNITS {
        exceeded.push(format!("a poll reads {units} units"));
    }
    Ok(exceeded)
}

/// Starts an authorizer and invokes it until it answers.
fn start(programs: &Programs, announcements: u64, with_snapshot: bool) -> anyhow::Result<Cold> {
    let keys = Keys::new(Algorithm::RS256)?;
    let store = Canned::new(&keys.jwks()).with_announcements(announcements, with_snapshot, SystemClock.now());
    let environment = following(&keys, &store.serve()?);
    let subject = Subject::binary("the authorizer", programs.function("authorizer"), environment);
    let mut requests = keys.requests(&programs.checkout)?;
    let event = requests.next_event()?;
    let mut stub = Stub::open()?;
    let api = stub.address()?;

    let born = Instant::now();
    let process = subject.start(&api)?;
    let throttle = Throttle::start(&process);
    let (mut invocations, mut longest) = (0, 0);
    let first_answer = loop {
        wait_until_ready(&mut stub, &process)?;
        invocations += 1;
        let began = stub.invoke(&event)?;
        let (ended, report) = stub.wait(|| process.lives())?;
        longest = longest.max(ended.duration_since(began).as_millis());
        match report {
            Report::Answered(answer) => {
                requests.check(&answer)?;
                break ended.duration_since(born).as_millis();
            }
            Report::Failed(_) if invocations < INVOCATIONS => {}
            Report::Failed(_) | Report::Next => bail!("it never answers"),
        }
    };
    drop(throttle);
    let usage = process.usage().context("it ended")?;
    Ok(Cold {
        invocations,
        longest,
        first_answer,
        processor: usage.processor.as_millis(),
        peak: usage.peak,
    })
}

fn wait_until_ready(stub: &mut Stub, process: &Running) -> anyhow::Result<()> {
    match stub.wait(|| process.lives())? {
        (_, Report::Next) => Ok(()),
        (_, report) => bail!("it does not start: {report:?}"),
    }
}

/// Returns the read units of a poll that follows the previous one after five seconds, at 33 announcements a second.
fn poll() -> anyhow::Result<usize> {
    let now = SystemClock.now();
    let endpoint = Canned::new("{}").serve()?;
    let aws = Aws::local(&endpoint, "http://localhost:0").context("the stub's endpoint is not a URL")?;
    let feed = FeedReads::new(aws, "feed".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let page = runtime.block_on(feed.page(&Cursor::from_millis(now), now))?;
    let settled: u64 = page.settled.as_str().parse()?;
    let next = SystemClock.now().get() + 5_000;
    let entries = usize::try_from((next - settled) * 33 / 1000)?;
    Ok((entries * ENTRY).div_ceil(UNIT))
}
