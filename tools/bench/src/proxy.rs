//! A proxy in front of the store. It records each call, and prolongs it to a minimum duration, such as the time of a
//! call within a region.

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

/// The times at which a call began and ended, as the caller sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    began: Instant,
    ended: Instant,
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
            store.write_all(&request.raw)?;
            let answer = Message::read(&mut store)?.unwrap_or_default();
            // The store's own time counts towards this duration, so that a slow engine does not prolong a call.
            let duration = Duration::from_nanos(self.duration.load(Ordering::Relaxed));
            thread::sleep(duration.saturating_sub(began.elapsed()));
            let call = Call {
                began,
                ended: Instant::now(),
            };
            self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
            caller.write_all(&answer.raw)?;
        }
        Ok(())
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
    fn a_call_crosses_unchanged_and_takes_longer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let store = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = Message::read(&mut stream).unwrap().unwrap();
            stream
                .write_all(&crate::http::answer("200 OK", "", &request.text()))
                .unwrap();
        });
        proxy.set_duration(Duration::from_millis(20));

        let began = Instant::now();
        let mut stream = TcpStream::connect(proxy.endpoint.trim_start_matches("http://")).unwrap();
        stream
            .write_all(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}")
            .unwrap();
        let answer = Message::read(&mut stream).unwrap().unwrap();

        assert_eq!(answer.text(), "{}");
        assert!(began.elapsed() >= Duration::from_millis(20));
        assert_eq!(proxy.take().len(), 1);
        store.join().unwrap();
    }
}
