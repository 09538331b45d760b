//! Connections that are replaced together. After a process was frozen for hours, all its connections are dead, and a
//! call has too few tries to find that out one by one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::HttpClientError;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use reads::Patience;

/// The minimum time of a cancelled try that shows that its host does not answer. It is a little less than the time
/// limit of a function's try.
const DEAF: Duration = Patience::TABLES.attempt.saturating_sub(Duration::from_millis(100));

/// An HTTP client that makes new connections for all calls after one call has failed.
#[derive(Clone, Debug)]
pub(crate) struct FreshPool {
    make: fn() -> Result<SharedHttpClient, HttpClientError>,
    pool: Arc<Mutex<Pool>>,
}

#[derive(Clone, Debug)]
struct Pool {
    /// The number of earlier pools.
    number: u64,
    client: SharedHttpClient,
}

impl FreshPool {
    /// Makes the first pool.
    pub(crate) fn new(make: fn() -> Result<SharedHttpClient, HttpClientError>) -> Result<Self, HttpClientError> {
        let first = Pool {
            number: 0,
            client: make()?,
        };
        Ok(Self {
            make,
            pool: Arc::new(Mutex::new(first)),
        })
    }

    fn current(&self) -> Pool {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces a pool, unless another call has already done so.
    fn give_up(&self, number: u64) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.number == number
            && let Ok(client) = (self.make)()
        {
            *pool = Pool {
                number: number.saturating_add(1),
                client,
            };
        }
    }
}

impl HttpClient for FreshPool {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let pool = self.current();
        SharedHttpConnector::new(Connector {
            inner: pool.client.http_connector(settings, components),
            number: pool.number,
            pools: self.clone(),
        })
    }
}

/// The connector of one call.
#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    number: u64,
    pools: FreshPool,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let call = self.inner.call(request);
        let mut watch = Watch {
            pools: self.pools.clone(),
            number: self.number,
            since: Instant::now(),
            is_answered: false,
        };
        HttpConnectorFuture::new(async move {
            let outcome = call.await;
            watch.is_answered = true;
            if outcome.is_err() {
                watch.pools.give_up(watch.number);
            }
            outcome
        })
    }
}

/// Watches one call, and replaces the pool if the call is dropped after it has waited in vain.
#[derive(Debug)]
struct Watch {
    pools: FreshPool,
    number: u64,
    since: Instant,
    is_answered: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_answered && self.since.elapsed() >= DEAF {
            self.pools.give_up(self.number);
        }
    }
}
