//! A pool of connections.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http_body_util::Full;
use hyper::{Request, Response, body::Bytes};
use rustls::{ClientConfig, RootCertStore};

use crate::{
    Dial, Direct, Failure, NetworkFault, Origin,
    connection::{Connection, SendError},
    tls,
};

/// How long a connection may be idle. If the process was frozen for longer than this, the host may have closed the
/// connection without notice.
const MAX_IDLE: Duration = Duration::from_secs(20);
/// The minimum wait of a request whose cancellation counts as a failure. Idle connections are then closed as after any
/// other failure. The time limit of an attempt in a function must be longer.
pub const DEAF: Duration = Duration::from_millis(600);

/// A pool of connections. Clones share the connections. Nothing connects before the first request.
///
/// After a freeze, all idle connections of a process may be dead. A call makes too few attempts to try them one by one.
/// If a request fails, all connections that have been idle since before the request are therefore closed.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Shared>);

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum time to connect, including TLS.
    pub connect: Duration,
    /// The maximum length of the answer's body in bytes.
    pub answer: usize,
}

#[derive(Debug)]
struct Shared {
    dial: Box<dyn Dial>,
    tls: Arc<ClientConfig>,
    idle: Mutex<Vec<Idle>>,
}

/// A connection that is not in use.
#[derive(Debug)]
struct Idle {
    connection: Connection,
    origin: Origin,
    since: Instant,
}

impl Default for Connections {
    fn default() -> Self {
        Self::new(Box::new(Direct), tls::amazon_roots())
    }
}

impl Connections {
    /// Returns a pool whose connections are made in this way, to hosts with a certificate from one of these roots. The
    /// default connects without a proxy, to hosts with a certificate of Amazon.
    #[must_use]
    pub fn new(dial: Box<dyn Dial>, roots: RootCertStore) -> Self {
        Self(Arc::new(Shared {
            dial,
            tls: tls::client(roots),
            idle: Mutex::default(),
        }))
    }

    /// Sends a request to this host, over an idle connection or a new one. If the host closed the idle connection
    /// before the request was sent, the request is sent over a new one. The request must have a path as its target, and
    /// a `Host` header.
    ///
    /// # Errors
    /// If no connection can be made, or there is no complete answer.
    pub async fn send(
        &self,
        origin: &Origin,
        request: Request<Full<Bytes>>,
        limits: Limits,
    ) -> Result<Response<Bytes>, Failure> {
        let Self(shared) = self;
        let mut watch = Watch {
            shared,
            began: Instant::now(),
            is_over: false,
        };
        let outcome = shared.send(origin, request, limits).await;
        watch.is_over = true;
        if outcome.is_err() {
            shared.close_idle_since_before(watch.began);
        }
        outcome
    }
}

impl Shared {
    async fn send(
        &self,
        origin: &Origin,
        request: Request<Full<Bytes>>,
        limits: Limits,
    ) -> Result<Response<Bytes>, Failure> {
        let mut request = request;
        if let Some(mut connection) = self.take(origin) {
            match connection.send(request, limits.answer).await {
                Ok(answer) => return Ok(self.put_back(connection, origin, answer)),
                Err(SendError::Failed(failure)) => return Err(failure),
                Err(SendError::NotSent(unsent)) => request = *unsent,
            }
        }
        let mut connection = Connection::open(origin, &*self.dial, &self.tls, limits.connect).await?;
        match connection.send(request, limits.answer).await {
            Ok(answer) => Ok(self.put_back(connection, origin, answer)),
            Err(SendError::Failed(failure)) => Err(failure),
            Err(SendError::NotSent(_)) => Err(NetworkFault::Broken.into()),
        }
    }

    /// Takes the most recently used idle connection to this host. Returns `None` if no such connection is usable.
    fn take(&self, origin: &Origin) -> Option<Connection> {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        all.retain(|idle| idle.connection.is_open() && now.saturating_duration_since(idle.since) < MAX_IDLE);
        let last = all.iter().rposition(|idle| idle.origin == *origin)?;
        Some(all.remove(last).connection)
    }

    fn put_back(&self, connection: Connection, origin: &Origin, answer: Response<Bytes>) -> Response<Bytes> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(Idle {
            connection,
            origin: origin.clone(),
            since: Instant::now(),
        });
        answer
    }

    /// Closes the connections that have been idle since before a failed request, which began at `began`. A connection
    /// that became idle later has delivered an answer since then, so it is known to be alive.
    fn close_idle_since_before(&self, began: Instant) {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|idle| idle.since > began);
    }
}

/// Closes idle connections if a request is cancelled after it has waited for at least [`DEAF`].
#[derive(Debug)]
struct Watch<'a> {
    shared: &'a Shared,
    began: Instant,
    is_over: bool,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.is_over && self.began.elapsed() >= DEAF {
            self.shared.close_idle_since_before(self.began);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use hyper::header::HOST;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
        time::{sleep, timeout},
    };

    use super::*;

    const LIMITS: Limits = Limits {
        connect: Duration::from_millis(500),
        answer: 100,
    };
    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

    #[tokio::test]
    async fn one_connection_serves_one_request_after_the_other() {
        let host = Host::start(ANSWER).await;
        let connections = Connections::default();

        for _ in 0..3 {
            assert_eq!(host.ask(&connections).await.unwrap(), "{}");
        }

        assert_eq!(host.accepted.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_host_is_reached_by_its_ipv6_address() {
        let Ok(listener) = TcpListener::bind("[::1]:0").await else {
            return println!("SKIPPED: this machine has no IPv6");
        };
        let host = Host::serve(listener, ANSWER);

        assert_eq!(host.ask(&Connections::default()).await.unwrap(), "{}");
    }

    #[tokio::test]
    async fn a_connection_that_the_host_has_closed_is_replaced() {
        let closing = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        let host = Host::start(closing).await;
        let connections = Connections::default();

        for _ in 0..3 {
            assert_eq!(host.ask(&connections).await.unwrap(), "{}");
        }

        assert_eq!(host.accepted.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_an_error() {
        let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n{}", "x".repeat(101));
        let host = Host::start(long.leak()).await;

        let answer = host.ask(&Connections::default()).await;

        assert_eq!(answer, Err(Failure::Unreadable));
    }

    /// If each of a call's three attempts waited for a different dead connection, the call would run out of time.
    #[tokio::test]
    async fn after_a_freeze_a_call_waits_for_one_dead_connection_only() {
        let host = Host::start(ANSWER).await;
        let connections = Connections::default();
        let ask = async || host.ask(&connections).await;
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        host.are_dead.store(true, Ordering::SeqCst);

        let waited = timeout(Duration::from_millis(700), ask()).await;
        let next = timeout(Duration::from_millis(700), ask()).await;

        assert!(waited.is_err(), "{waited:?}");
        assert!(matches!(next, Ok(Ok(_))), "{next:?}");
    }

    /// If a connection that has just answered were closed too, a host that sometimes fails to answer would make other
    /// requests connect again.
    #[tokio::test]
    async fn a_connection_that_answered_since_then_is_kept() {
        let host = Host::start(ANSWER).await;
        let connections = Connections::default();
        let alive = async {
            sleep(Duration::from_millis(100)).await;
            host.ask(&connections).await
        };

        let failing = timeout(Duration::from_millis(700), host.ask_in_vain(&connections));
        let (failed, answer) = tokio::join!(failing, alive);
        assert!(failed.is_err() && answer.is_ok(), "{failed:?} {answer:?}");

        host.ask(&connections).await.unwrap();

        assert_eq!(host.accepted.load(Ordering::SeqCst), 2);
    }

    /// A host for tests. After `are_dead` is set, the connections that were made before get no more answers.
    struct Host {
        origin: Origin,
        accepted: Arc<AtomicUsize>,
        are_dead: Arc<AtomicBool>,
    }

    impl Host {
        async fn start(answer: &'static str) -> Self {
            Self::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
        }

        fn serve(listener: TcpListener, answer: &'static str) -> Self {
            let url = format!("http://{}", listener.local_addr().unwrap());
            let host = Self {
                origin: Origin::of(&url.parse().unwrap()).unwrap(),
                accepted: Arc::default(),
                are_dead: Arc::default(),
            };
            let (accepted, are_dead) = (Arc::clone(&host.accepted), Arc::clone(&host.are_dead));
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    accepted.fetch_add(1, Ordering::SeqCst);
                    let is_new = are_dead.load(Ordering::SeqCst);
                    tokio::spawn(speak(stream, answer, is_new, Arc::clone(&are_dead)));
                }
            });
            host
        }

        async fn ask(&self, connections: &Connections) -> Result<String, Failure> {
            self.request(connections, "/").await
        }

        /// Sends a request that gets no answer.
        async fn ask_in_vain(&self, connections: &Connections) -> Result<String, Failure> {
            self.request(connections, "/in-vain").await
        }

        async fn request(&self, connections: &Connections, path: &str) -> Result<String, Failure> {
            let request = Request::get(path).header(HOST, self.origin.authority());
            let request = request.body(Full::default()).unwrap();
            let answer = connections.send(&self.origin, request, LIMITS).await?;
            Ok(String::from_utf8(answer.into_body().to_vec()).unwrap())
        }
    }

    async fn speak(mut stream: TcpStream, answer: &str, is_new: bool, are_dead: Arc<AtomicBool>) {
        let (mut request, mut bytes) = (Vec::new(), [0; 1024]);
        while let Ok(length @ 1..) = stream.read(&mut bytes).await {
            request.extend_from_slice(&bytes[..length]);
            if !request.ends_with(b"\r\n\r\n") {
                continue;
            }
            // This makes requests that begin together overlap, so that each of them gets a connection of its own.
            sleep(Duration::from_millis(50)).await;
            let is_answered = !request.starts_with(b"GET /in-vain") && (is_new || !are_dead.load(Ordering::SeqCst));
            if is_answered && stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
            request.clear();
        }
    }
}
