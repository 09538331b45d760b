//! The cost of a cold authorizer start with many announcements, with the processor share that Lambda assigns: canned
//! answers from memory, and a separate process that runs for 14.5 of every 100 milliseconds.
//!
//! Run `cargo bench --package tests --bench cold_start`. It fails if the first answer with a snapshot takes more than a
//! second of such a processor, an invocation exceeds the timeout of a function, or a process uses too much memory.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and may panic"
)]

use std::{
    collections::HashMap,
    convert::Infallible,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use auth::feed::{Cursor, ReadAnnounced as _, Revocation, Revocations, Snapshot};
use authorizer::Authorizer;
use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use claims::{Access, AccessClaims, Clock as _, Draft, KeySet, Millis, Scope, Seconds, SessionId, Timestamp, UserId};
use config::{Environment, SystemClock};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use runtime::{Audit, Invoke as _};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use store::{Aws, FeedTable};
use tests::Log;
use tokio::net::TcpListener;

/// The processor share of a function with 256 MB.
const QUOTA: f64 = 0.145;
const PERIOD: Duration = Duration::from_millis(100);
/// The timeout of a function, in milliseconds of wall time.
const TIMEOUT: u64 = 4_000;
/// The maximum memory of a process, in KB.
const MEMORY: u64 = 96 * 1024;
/// The maximum time to the first answer with a snapshot and 100,000 announcements, in milliseconds of such a processor.
const FIRST_ANSWER: u64 = 1_000;
/// The bytes of a session's entry, as the tests of `store` count them, and of a read unit.
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

/// The result that a reader prints at its end.
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
    assert!(!failed, "a bound was not kept");
}

/// Runs a cold process with this many announcements of the last hour. A snapshot lacks those of the last minute.
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

/// Stops and continues a process, so that it gets only its share of the processor.
struct Throttle(Arc<AtomicBool>, thread::JoinHandle<()>);

impl Throttle {
    fn start(child: &Child) -> Self {
        let pid = Pid::from_child(child);
        let running = Arc::new(AtomicBool::new(true));
        let flag = Arc::clone(&running);
        let share = PERIOD.mul_f64(QUOTA);
        let thread = thread::spawn(move || {
            while flag.load(Ordering::Relaxed) {
                let _gone = kill_process(pid, Signal::CONT);
                thread::sleep(share);
                let _gone = kill_process(pid, Signal::STOP);
                thread::sleep(PERIOD.saturating_sub(share));
            }
        });
        Self(running, thread)
    }

    fn stop(self) {
        self.0.store(false, Ordering::Relaxed);
        self.1.join().unwrap();
    }
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

/// Returns the processor time of this process so far, in milliseconds.
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks: u64 = [11, 12]
        .map(|field: usize| fields[field].parse::<u64>().unwrap())
        .iter()
        .sum();
    ticks * 10
}

/// Returns the peak memory of this process, in KB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The tables, as answers of DynamoDB.
struct Table {
    /// The feed's entries in order, each with its key and its JSON.
    entries: Vec<(String, String)>,
    /// The answers to reads of single items, by the item's name.
    items: HashMap<String, String>,
}

impl Table {
    fn new(announcements: u64, with_snapshot: bool, now: Millis) -> Self {
        let hour = 3_600_000;
        let at = |number: u64| Millis::new(now.get() - hour + number * hour / announcements.max(1));
        let session = |number: u64| Revocation::Session {
            user_id: UserId::new(at(number), entropy(number)),
            sid: SessionId::new(at(number), entropy(number + announcements)),
        };
        let entries = (0..announcements).map(|number| entry(at(number), &session(number)));
        let mut items = HashMap::from([(
            "access".to_owned(),
            json!({"Item": {"name": {"S": "access"}, "jwks": {"S": tests::jwks().to_json()}}}).to_string(),
        )]);
        if with_snapshot {
            let cut = Millis::new(now.get() - 60_000);
            let mut revocations = Revocations::default();
            for number in (0..announcements).take_while(|number| at(*number) < cut) {
                revocations.insert(at(number).timestamp(), &session(number));
            }
            let after = Cursor::from_millis(cut);
            items.extend(parts(&Snapshot { revocations, after }.encode().unwrap()));
        }
        Self {
            entries: entries.collect(),
            items,
        }
    }

    async fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let table = Arc::new(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let table = Arc::clone(&table);
                let service = service_fn(move |request| answer(Arc::clone(&table), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        url
    }

    fn query(&self, body: &Value) -> String {
        let after = body["ExpressionAttributeValues"][":after"]["S"].as_str().unwrap();
        let limit = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
        let first = self.entries.partition_point(|(key, _)| key.as_str() <= after);
        let rest = &self.entries[first..];
        let page = &rest[..limit.min(rest.len())];
        let items: Vec<&str> = page.iter().map(|(_, item)| item.as_str()).collect();
        let last = page
            .last()
            .filter(|_| page.len() < rest.len())
            .map_or_else(String::new, |(key, _)| {
                format!(r#","LastEvaluatedKey":{{"feed":{{"S":"r"}},"entry":{{"S":"{key}"}}}}"#)
            });
        format!(
            r#"{{"Items":[{}],"Count":{1},"ScannedCount":{1}{last}}}"#,
            items.join(","),
            page.len()
        )
    }
}

async fn answer(table: Arc<Table>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_query = request.headers()["x-amz-target"].to_str().unwrap().ends_with(".Query");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let answer = if is_query {
        table.query(&body)
    } else {
        let name = body["Key"]["name"]["S"].as_str().unwrap();
        table.items.get(name).cloned().unwrap_or_else(|| "{}".to_owned())
    };
    Ok(Response::new(Full::new(answer.into())))
}

/// Returns the key of an entry, and the entry as DynamoDB's JSON.
fn entry(at: Millis, revocation: &Revocation) -> (String, String) {
    let Revocation::Session { user_id, sid } = revocation else {
        unreachable!("only sessions are announced here");
    };
    let key = format!("{:013}#{sid}", at.get());
    let user = BASE64.encode(user_id.as_uuid().unwrap());
    let ttl = at.timestamp().plus(auth::feed::retention()).get();
    let item = format!(r#"{{"feed":{{"S":"r"}},"entry":{{"S":"{key}"}},"u":{{"B":"{user}"}},"ttl":{{"N":"{ttl}"}}}}"#);
    (key, item)
}

/// Returns the items of a snapshot, as answers to their reads.
fn parts(snapshot: &[u8]) -> Vec<(String, String)> {
    let parts: Vec<&[u8]> = snapshot.chunks(350 * 1024).collect();
    let current = json!({"Item": {"name": {"S": "current"}, "snapshot_name": {"S": "one"}, "parts": {"N": parts.len().to_string()}}});
    let parts = parts.iter().enumerate().map(|(number, part)| {
        let name = format!("one#{number}");
        let item = json!({"Item": {"name": {"S": name}, "part": {"B": BASE64.encode(part)}}});
        (name, item.to_string())
    });
    parts.chain([("current".to_owned(), current.to_string())]).collect()
}

/// Returns ten bytes that are unique to a number.
fn entropy(number: u64) -> [u8; 10] {
    let mut bytes = [7; 10];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes
}

/// Returns an access token of some user.
fn token(now: Timestamp) -> String {
    let draft: Draft<Access> = Draft {
        iss: "https://issuer.example".parse().unwrap(),
        aud: "dashboard".parse().unwrap(),
        sub: "ada".parse().unwrap(),
        jti: "token".parse().unwrap(),
        iat: now,
        exp: now.plus(Seconds::new(900)),
        own: AccessClaims {
            sid: "session".parse().unwrap(),
            client_id: "client".parse().unwrap(),
            scope: Scope::default(),
            role: "user".parse().unwrap(),
            email: "ada@example.com".to_owned(),
            auth_time: now,
            epoch: 0,
            custom: serde_json::Map::new(),
        },
    };
    let keys = KeySet::<Access>::from_json(tests::access_keys()).unwrap();
    keys.sign(&draft).unwrap().expose().to_owned()
}
