//! These tests move many users over a slow connection to an engine that throttles.

use std::{
    collections::BTreeSet,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, Response, StatusCode},
    routing::post,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tests::Fault;
use tokio::{net::TcpListener, sync::Mutex, time::sleep};

use crate::{
    harness::{Gatehouse, Ran, csv, file, folder},
    terminal::Terminal,
};

/// The bytes per second of the connection, in both directions together.
const RATE: f64 = 500_000.0;
/// The bytes of the head of a request or an answer.
const HEAD: usize = 350;
/// Of so many requests, one is throttled.
const THROTTLED: u64 = 20;

#[tokio::test]
async fn users_are_moved_over_a_slow_connection_without_loss() {
    move_users(2_000, Duration::from_millis(200)).await;
}

#[tokio::test]
async fn progress_is_a_bar_with_the_rate_and_the_rest_on_a_terminal() {
    let gatehouse = Gatehouse::new().await;
    let file = file("bar.csv", &csv(3_000));
    gatehouse
        .wire
        .fail(|crossing| (crossing.operation == "PutItem").then_some(Fault::Slow(Duration::from_millis(100))));

    let terminal = Terminal::run(gatehouse.command(&["user", "import", &file]));
    terminal.wait_for(" per second, about ").await;
    let (code, screen) = terminal.finish().await;

    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("lines: ") && screen.contains(" s left"), "{screen}");
}

/// This takes about an hour.
#[tokio::test]
#[ignore = "takes about an hour"]
async fn a_hundred_thousand_users_are_moved_over_a_slow_connection_without_loss() {
    move_users(100_000, Duration::from_millis(900)).await;
}

/// Imports this many users and exports them. Each answer begins after `latency`.
async fn move_users(count: u32, latency: Duration) {
    let gatehouse = Gatehouse::new().await;
    let slow = SlowEngine::serve(gatehouse.engine(), latency).await;
    let folder = folder(&format!("slow-engine-{count}"));
    let (users, exported) = (
        file(&format!("slow-engine-{count}.csv"), &csv(count)),
        folder.join("users.jsonl"),
    );

    let import = slow.run(&gatehouse, &["user", "import", &users, "-o", "json"]).await;
    let again = slow
        .run(&gatehouse, &["user", "import", &users, "--dry-run", "-o", "json"])
        .await;
    let export = slow
        .run(
            &gatehouse,
            &["user", "export", "--to", exported.to_str().unwrap(), "-o", "json"],
        )
        .await;

    for (ran, expected) in [
        (
            &import,
            json!({"dry_run": false, "imported": count, "left": 0, "refused": 0}),
        ),
        (
            &again,
            json!({"dry_run": true, "imported": 0, "left": count, "refused": 0}),
        ),
        (&export, json!({"exported": count, "file": exported})),
    ] {
        let Measured { ran, took, peak } = ran;
        println!("{expected}: {} s, peak {} kB", took.as_secs(), peak);
        assert!(ran.succeeded, "{ran:?}");
        assert_eq!(ran.json(), expected);
        assert!(*peak < 150_000, "{peak} kB");
        let is_told = ran.told.contains("\"per_second\"");
        assert!(is_told || took.as_secs() <= 5, "{ran:?}");
    }
    let text = std::fs::read_to_string(&exported).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for member in ["email", "user_id"] {
        let distinct: BTreeSet<&str> = lines.iter().map(|line| line[member].as_str().unwrap()).collect();
        assert_eq!(distinct.len(), usize::try_from(count).unwrap(), "{member}");
    }
    assert_eq!(lines.len(), usize::try_from(count).unwrap());
    assert!(slow.0.throttled.load(Ordering::Relaxed) > 0);
}

/// The result of a command, how long it took, and its peak memory in kilobytes.
struct Measured {
    ran: Ran,
    took: Duration,
    peak: u64,
}

/// A slow connection to an engine that throttles.
#[derive(Clone)]
struct SlowEngine(Arc<Inner>);

struct Inner {
    url: String,
    engine: String,
    http: Client<HttpConnector, Full<Bytes>>,
    latency: Duration,
    /// When the connection is free again.
    free: Mutex<Instant>,
    requests: AtomicU64,
    throttled: AtomicU64,
}

impl SlowEngine {
    async fn serve(engine: String, latency: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let slow = Self(Arc::new(Inner {
            url: format!("http://{}", listener.local_addr().unwrap()),
            engine,
            http: Client::builder(TokioExecutor::new()).build_http(),
            latency,
            free: Mutex::new(Instant::now()),
            requests: AtomicU64::default(),
            throttled: AtomicU64::default(),
        }));
        let router = Router::new().route("/", post(carry)).with_state(slow.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        slow
    }

    async fn run(&self, gatehouse: &Gatehouse, arguments: &[&str]) -> Measured {
        let mut command = gatehouse.command(arguments);
        command
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.0.url)
            .stdin(Stdio::null());
        let (began, mut peak) = (Instant::now(), 0);
        let child = command.spawn().unwrap();
        let id = child.id().unwrap();
        let mut output = std::pin::pin!(child.wait_with_output());
        loop {
            tokio::select! {
                output = &mut output => {
                    return Measured { ran: output.unwrap().into(), took: began.elapsed(), peak };
                }
                () = sleep(Duration::from_millis(100)) => peak = peak.max(memory(id)),
            }
        }
    }

    /// Waits as long as this many bytes take, after all bytes before them.
    async fn transmit(&self, bytes: usize) {
        let time = Duration::from_secs_f64(f64::from(u32::try_from(bytes).unwrap()) / RATE);
        let mut free = self.0.free.lock().await;
        let end = (*free).max(Instant::now()).checked_add(time).unwrap();
        *free = end;
        drop(free);
        tokio::time::sleep_until(end.into()).await;
    }
}

async fn carry(State(slow): State<SlowEngine>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let number = slow.0.requests.fetch_add(1, Ordering::Relaxed);
    slow.transmit(body.len().saturating_add(HEAD)).await;
    sleep(slow.0.latency).await;
    if number % THROTTLED == THROTTLED - 1 {
        slow.0.throttled.fetch_add(1, Ordering::Relaxed);
        let body = json!({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"});
        let refused = Response::builder().status(StatusCode::BAD_REQUEST);
        return refused.body(Body::from(body.to_string())).unwrap();
    }
    let mut request = Request::post(&slow.0.engine).body(Full::new(body)).unwrap();
    *request.headers_mut() = headers;
    request.headers_mut().remove("host");
    let (head, answer) = slow.0.http.request(request).await.unwrap().into_parts();
    let answer = answer.collect().await.unwrap().to_bytes();
    slow.transmit(answer.len().saturating_add(HEAD)).await;
    Response::from_parts(head, Body::from(answer))
}

/// Returns the peak memory of a process in kilobytes, or 0 where there is no `/proc`.
fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
