//! The cost of a cold start of the authorizer with many announcements, on the processor share that Lambda assigns. The
//! authorizer is a separate process that runs for 14.5 of every 100 milliseconds. Its tables are canned answers from
//! memory.
//!
//! Run `cargo bench --package tests --bench cold_start`. It fails if the first answer with a snapshot and 100,000
//! announcements takes more than a second on that share, an invocation exceeds the timeout of a function, a process
//! uses too much memory, or a poll costs too many read units.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and may panic"
)]

mod process;
mod table;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use auth::feed::{Cursor, ReadAnnounced as _};
use authorizer::Authorizer;
use claims::{Access, Clock as _, Draft, KeySet, Span, Timestamp};
use config::{Environment, SystemClock};
use runtime::{Audit, Invoke as _};
use serde_json::json;
use store::{Aws, FeedTable};
use tests::Log;

use self::{
    process::{Throttle, peak_memory, processor_time},
    table::Table,
};

/// The processor share of a function with 256 MB.
const QUOTA: f64 = 0.145;
const PERIOD: Duration = Duration::from_millis(100);
/// The timeout of a function, in milliseconds of wall time.
const TIMEOUT: u64 = 4_000;
/// The maximum memory of a process, in KB.
const MEMORY: u64 = 96 * 1024;
/// The maximum time until the first answer with a snapshot and 100,000 announcements, in milliseconds on that processor
/// share.
const FIRST_ANSWER: u64 = 1_000;
/// The bytes of a session's entry, as the tests of `store` count them, and the bytes of a read unit.
const ENTRY: usize = 86;
const UNIT: usize = 4_096;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    match arguments.get(1).map(String::as_str) {
        Some("reader") => runtime.block_on(read(&arguments[2])),
        _ => runtime.block_on(measure()),
    }
}

/// The result that a reader prints at its end. The times are in milliseconds, and the memory is in KB.
struct Told {
    invocations: u64,
    longest: u64,
    wall: u64,
    cpu: u64,
    memory: u64,
}

async fn measure() {
    println!("announcements  snapshot  invocations  longest ms  wall ms  CPU ms  CPU ms / {QUOTA}  memory MB");
    let mut failed = false;
    for (announcements, snapshot) in [
        (0, false),
        (100_000, true),
        (100_000, false),
        (300_000, true),
        (300_000, false),
    ] {
        let told = run(announcements, snapshot).await;
        let first_answer = told.cpu as f64 / QUOTA;
        println!(
            "{announcements:>13}  {:>8}  {:>11}  {:>10}  {:>7}  {:>6}  {first_answer:>14.0}  {:>9.1}",
            if snapshot { "yes" } else { "no" },
            told.invocations,
            told.longest,
            told.wall,
            told.cpu,
            told.memory as f64 / 1024.0,
        );
        failed |= told.longest >= TIMEOUT || told.memory > MEMORY;
        failed |= announcements == 100_000 && snapshot && first_answer > FIRST_ANSWER as f64;
    }
    let units = poll().await;
    println!("a poll at 33 announcements a second: {units} read units");
    failed |= units > 8;
    assert!(!failed, "a bound was exceeded");
}

/// Runs a cold process with this many announcements of the last hour. The snapshot, if there is one, lacks those of the
/// last minute.
async fn run(announcements: u64, with_snapshot: bool) -> Told {
    let now = SystemClock.now();
    let table = Table::new(announcements, with_snapshot, now);
    let endpoint = table.serve().await;
    let mut child = reader(&endpoint);
    let throttle = Throttle::start(&child);
    let told = tokio::task::spawn_blocking(move || {
        let line = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .next()
            .unwrap()
            .unwrap();
        child.wait().unwrap();
        line
    });
    let told: Vec<u64> = told
        .await
        .unwrap()
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    throttle.stop();
    Told {
        invocations: told[0],
        longest: told[1],
        wall: told[2],
        cpu: told[3],
        memory: told[4],
    }
}

/// Returns the read units of a poll, five seconds after the previous one and at 33 announcements a second.
async fn poll() -> usize {
    let now = SystemClock.now();
    let endpoint = Table::new(0, false, now).serve().await;
    let feed = FeedTable::new(
        Aws::local(&endpoint, "http://localhost:0").unwrap().dynamodb(),
        "feed".to_owned(),
    );
    let page = feed.page(&Cursor::from_millis(now), now).await.unwrap();
    let settled: u64 = page.settled.as_str().parse().unwrap();
    let next = SystemClock.now().get() + 5_000;
    let entries = usize::try_from((next - settled) * 33 / 1000).unwrap();
    (entries * ENTRY).div_ceil(UNIT)
}

fn reader(endpoint: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["reader", endpoint])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let token = token(SystemClock.now().timestamp());
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    child
}

/// Starts an authorizer and invokes it until it answers.
async fn read(endpoint: &str) {
    let mut token = String::new();
    std::io::stdin().lock().read_line(&mut token).unwrap();
    let environment = Environment::from_iter([
        ("ISSUER", "https://issuer.example"),
        ("AUDIENCE", "dashboard"),
        ("AUTHORIZER_FEED_TABLE", "AuthorizerFeed"),
        ("PUBLIC_KEYS_TABLE", "PublicKeysTable"),
        ("FEED_SNAPSHOTS_TABLE", "FeedSnapshotsTable"),
        ("REVOCATION_POLL_SECONDS", "60"),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL", endpoint),
    ]);
    let event = json!({
        "type": "TOKEN",
        "authorizationToken": format!("Bearer {token}"),
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/reports",
    })
    .to_string();
    let began = Instant::now();
    let audit = Audit::new(environment.telemetry().unwrap(), Log::default());
    let authorizer = Authorizer::new(&environment, SystemClock, audit).await.unwrap();
    let (mut invocations, mut longest) = (0, 0);
    loop {
        invocations += 1;
        let invoked = Instant::now();
        let answer = authorizer.invoke(&event, "id".to_owned(), None).await;
        longest = longest.max(invoked.elapsed().as_millis());
        if let Ok(answer) = answer {
            assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow", "{answer}");
            break;
        }
        assert!(invocations < 100, "it never answers");
    }
    let wall = began.elapsed().as_millis();
    println!("{invocations} {longest} {wall} {} {}", processor_time(), peak_memory());
}

/// Returns a valid access token.
fn token(now: Timestamp) -> String {
    let draft: Draft<Access> = Draft {
        iss: "https://issuer.example".parse().unwrap(),
        aud: "dashboard".parse().unwrap(),
        sub: "ada".parse().unwrap(),
        jti: "token".parse().unwrap(),
        iat: now,
        exp: now.plus(Span::seconds(900)),
        own: doubles::access_claims(now),
    };
    let keys = KeySet::<Access>::from_json(tests::access_keys()).unwrap();
    keys.sign(&draft).unwrap().expose().to_owned()
}
