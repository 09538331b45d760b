//! A proxy in front of the store. It records each call with its request units, and prolongs it to a minimum duration,
//! such as the time of a call within a region.

use std::{
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{http::Message, machine};

/// A running proxy. Its threads end with this process.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// The endpoint of the proxy, for functions.
    pub(crate) endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The address of the store.
    store: String,
    /// The minimum duration of a call in nanoseconds.
    duration: AtomicU64,
    calls: Mutex<Vec<Call>>,
}

/// The times at which a call began and ended, as the caller sees them, and what the store charged for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    began: Instant,
    ended: Instant,
    pub(crate) units: Units,
}

/// What a call costs: a read consumes read units, and any other call consumes write units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Units {
    Read(f64),
    Write(f64),
}

impl Proxy {
    /// Starts a proxy in front of the store at the endpoint `store`.
    ///
    /// # Errors
    /// If no port can be opened.
    pub(crate) fn start(store: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            store: store.trim_start_matches("http://").to_owned(),
            duration: AtomicU64::default(),
            calls: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            machine::leave_core();
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.forward_all(stream));
            }
        });
        Ok(Self { endpoint, shared })
    }

    /// Sets the minimum duration of a call.
    pub(crate) fn set_duration(&self, duration: Duration) {
        self.shared
            .duration
            .store(duration.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Removes and returns the calls that were recorded so far.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.shared.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    /// Forwards the calls of a connection until it ends.
    fn forward_all(&self, mut caller: TcpStream) -> io::Result<()> {
        let mut store = TcpStream::connect(&self.store)?;
        store.set_nodelay(true)?;
        caller.set_nodelay(true)?;
        while let Some(request) = Message::read(&mut caller)? {
            let began = Instant::now();
            store.write_all(&ask_for_units(&request)?)?;
            let answer = Message::read(&mut store)?.unwrap_or_default();
            // The store's own time counts towards this duration, so that a slow engine does not prolong a call.
            let duration = Duration::from_nanos(self.duration.load(Ordering::Relaxed));
            thread::sleep(duration.saturating_sub(began.elapsed()));
            let call = Call {
                began,
                ended: Instant::now(),
                units: units(&request, &answer),
            };
            self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
            caller.write_all(&answer.raw)?;
        }
        Ok(())
    }
}

/// Returns a request that also asks how many units it consumes. The embedded engine does not check its signature.
fn ask_for_units(request: &Message) -> io::Result<Vec<u8>> {
    let mut body: Value = serde_json::from_slice(&request.body)?;
    body["ReturnConsumedCapacity"] = "TOTAL".into();
    let body = body.to_string();
    let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("content-length:");
    let lines: Vec<&str> = request.head.trim_end().lines().filter(is_kept).collect();
    let head = lines.join("\r\n");
    Ok(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// Returns the units that an answer reports. A failed call reports none.
fn units(request: &Message, answer: &Message) -> Units {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let consumed = &body["ConsumedCapacity"];
    let of = |table: &Value| table["CapacityUnits"].as_f64().unwrap_or_default();
    let sum = consumed
        .as_array()
        .map_or_else(|| of(consumed), |tables| tables.iter().map(of).sum());
    let target = request.header("x-amz-target").unwrap_or_default();
    if [".GetItem", ".Query", ".BatchGetItem", ".TransactGetItems"]
        .iter()
        .any(|read| target.ends_with(read))
    {
        Units::Read(sum)
    } else {
        Units::Write(sum)
    }
}

/// Returns the number of round trips: the length of the longest chain of calls in which each began after the previous
/// one had ended.
pub(crate) fn round_trips(calls: &[Call]) -> usize {
    let mut calls = calls.to_vec();
    calls.sort_unstable_by_key(|call| call.ended);
    let (mut trips, mut free) = (0, None);
    for call in calls {
        if free.is_none_or(|free| call.began >= free) {
            (trips, free) = (trips + 1, Some(call.ended));
        }
    }
    trips
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(times: &[(u64, u64)]) -> Vec<Call> {
        let zero = Instant::now();
        let at = |millis| zero + Duration::from_millis(millis);
        times
            .iter()
            .map(|(began, ended)| Call {
                began: at(*began),
                ended: at(*ended),
                units: Units::Read(0.0),
            })
            .collect()
    }

    #[test]
    fn calls_at_the_same_time_are_one_round_trip() {
        assert_eq!(round_trips(&calls(&[(0, 4), (1, 5), (2, 6)])), 1);
    }

    #[test]
    fn calls_that_wait_for_each_other_are_counted() {
        assert_eq!(round_trips(&calls(&[])), 0);
        assert_eq!(round_trips(&calls(&[(10, 14), (0, 4), (5, 9)])), 3);
    }

    #[test]
    fn a_long_call_beside_two_short_ones_adds_nothing() {
        assert_eq!(round_trips(&calls(&[(0, 20), (1, 5), (6, 10), (21, 25)])), 3);
    }

    #[test]
    fn a_call_takes_longer_and_its_units_are_recorded() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let store = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = Message::read(&mut stream).unwrap().unwrap();
            let answer = r#"{"ConsumedCapacity":[{"CapacityUnits":1.5},{"CapacityUnits":2.0}]}"#;
            stream.write_all(&crate::http::answer("200 OK", "", answer)).unwrap();
            request
        });
        proxy.set_duration(Duration::from_millis(20));

        let began = Instant::now();
        let mut stream = TcpStream::connect(proxy.endpoint.trim_start_matches("http://")).unwrap();
        stream
            .write_all(b"POST / HTTP/1.1\r\nx-amz-target: D.TransactGetItems\r\nContent-Length: 7\r\n\r\n{\"a\":1}")
            .unwrap();
        Message::read(&mut stream).unwrap().unwrap();

        assert!(began.elapsed() >= Duration::from_millis(20));
        let units: Vec<Units> = proxy.take().iter().map(|call| call.units).collect();
        assert_eq!(units, [Units::Read(3.5)]);
        let request = store.join().unwrap();
        assert_eq!(request.header("x-amz-target"), Some("D.TransactGetItems"));
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body, serde_json::json!({"ReturnConsumedCapacity": "TOTAL", "a": 1}));
    }
}
