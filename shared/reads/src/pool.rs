//! The connections to a service that are not in use.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http_body_util::Full;
use hyper::{Request, body::Bytes};
use rustls::ClientConfig;

use crate::{
    connection::{Answer, Connection, SendError},
    endpoint::Endpoint,
    fault::Fault,
    network::NetworkFault,
};

/// How long a connection may be idle. After a longer freeze of the process, the service has closed the connection, often
/// without notice.
const MAX_IDLE: Duration = Duration::from_secs(20);

/// The idle connections to one service, which later calls use again.
#[derive(Debug)]
pub(crate) struct Pool {
    endpoint: Endpoint,
    tls: Arc<ClientConfig>,
    connect_limit: Duration,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Pool {
    pub(crate) fn new(endpoint: Endpoint, tls: Arc<ClientConfig>, connect_limit: Duration) -> Self {
        Self {
            endpoint,
            tls,
            connect_limit,
            idle: Mutex::default(),
        }
    }

    /// Returns the address of the service.
    pub(crate) const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request over an idle connection or a new one. If the idle one turns out to be closed, a new one is made.
    ///
    /// # Errors
    /// If there is no connection, or no whole answer.
    pub(crate) async fn send(&self, request: impl Fn() -> Request<Full<Bytes>>) -> Result<Answer, Fault> {
        if let Some(mut connection) = self.take() {
            match connection.send(request()).await {
                Ok(answer) => return Ok(self.put_back(connection, answer)),
                Err(SendError::Failed(fault)) => return Err(fault),
                Err(SendError::Closed) => {}
            }
        }
        let mut connection = Connection::open(&self.endpoint, &self.tls, self.connect_limit)
            .await
            .map_err(Fault::Network)?;
        match connection.send(request()).await {
            Ok(answer) => Ok(self.put_back(connection, answer)),
            Err(SendError::Failed(fault)) => Err(fault),
            Err(SendError::Closed) => Err(Fault::Network(NetworkFault::Broken)),
        }
    }

    /// Closes all idle connections. If one of them is dead because the process was frozen, the others are dead too, and
    /// a call has too few attempts to find that out one by one.
    pub(crate) fn close_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_usable = |(connection, since): &(Connection, Instant)| {
            connection.is_open() && now.saturating_duration_since(*since) < MAX_IDLE
        };
        idle.retain(is_usable);
        idle.pop().map(|(connection, _)| connection)
    }

    fn put_back(&self, connection: Connection, answer: Answer) -> Answer {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((connection, Instant::now()));
        answer
    }
}
