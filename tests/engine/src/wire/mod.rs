//! The wire between the functions and the engine. It records all calls, and fails those that a test selects.

mod crossing;
mod fault;
mod waves;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use axum::body::{Body, Bytes};
use claims::Clock as _;
use doubles::TestClock;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, StatusCode, body::Incoming, header::HeaderValue, server::conn::http1, service::service_fn,
};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde_json::{Value, json};
use store::{Aws, Client};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

pub use self::{crossing::Crossing, fault::Fault};
use self::{
    crossing::{crossings, is_preparation},
    waves::Waves,
};

/// Chooses the fault of each call. `None` lets the call through.
type Plan = Box<dyn FnMut(&Crossing) -> Option<Fault> + Send>;

/// A proxy between functions and the engine, which records calls and can make them fail.
#[derive(Clone)]
pub struct Wire(Arc<Inner>);

struct Inner {
    address: String,
    engine: String,
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    /// The clock for the `Date` header of answers, or `None` if the engine's own header is kept.
    clock: Option<TestClock>,
    /// The number of milliseconds by which the `Date` header is ahead of the clock.
    ahead: AtomicI64,
    crossings: Mutex<Vec<Crossing>>,
    plan: Mutex<Plan>,
    /// The waves of the calls, if a test counts them.
    waves: Mutex<Option<Waves>>,
    /// The number of accepted connections.
    accepted: AtomicU64,
    /// The `Date` header of answers, if a test has set it.
    date: Mutex<Option<HeaderValue>>,
    /// The number of dead connections, counted from the first connection, and the fault of every call on them.
    dead: Mutex<(u64, Fault)>,
}

impl Wire {
    /// Starts a wire to the engine at this endpoint.
    pub async fn start(engine: String) -> Self {
        Self::of(engine, None).await
    }

    /// Starts a wire to the engine at this endpoint. The `Date` header of its answers is set from this clock.
    pub async fn start_by(engine: String, clock: TestClock) -> Self {
        Self::of(engine, Some(clock)).await
    }

    async fn of(engine: String, clock: Option<TestClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self(Arc::new(Inner {
            address: format!("http://{}", listener.local_addr().unwrap()),
            engine,
            http: legacy::Client::builder(TokioExecutor::new()).build_http(),
            clock,
            ahead: AtomicI64::default(),
            crossings: Mutex::default(),
            plan: Mutex::new(Box::new(|_| None)),
            waves: Mutex::default(),
            accepted: AtomicU64::default(),
            date: Mutex::default(),
            dead: Mutex::new((0, Fault::Broken)),
        }));
        let serving = wire.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = serving.0.accepted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serving.clone().serve(stream, number));
            }
        });
        wire
    }

    /// Returns the endpoint at which a function calls the engine through this wire.
    #[must_use]
    pub fn endpoint(&self, function: &str) -> String {
        format!("{}/{function}", self.0.address)
    }

    /// Returns a client that calls the engine through this wire. The wire records its calls as those of `function`.
    #[must_use]
    pub fn client(&self, function: &str) -> Client {
        let aws = Aws::local(&self.endpoint(function), "http://localhost:0");
        aws.dynamodb()
    }

    /// Sets the number of milliseconds by which the `Date` header of answers is ahead of the wire's clock.
    pub fn skew(&self, ahead: i64) {
        self.0.ahead.store(ahead, Ordering::Relaxed);
    }

    /// From now on, fails the calls for which `plan` returns a fault.
    pub fn fail(&self, plan: impl FnMut(&Crossing) -> Option<Fault> + Send + 'static) {
        *self.0.plan.lock().unwrap() = Box::new(plan);
    }

    /// Sets the `Date` header of all later answers.
    pub fn date(&self, date: &str) {
        *self.0.date.lock().unwrap() = Some(HeaderValue::from_str(date).unwrap());
    }

    /// Removes the plan that [`Wire::fail`] has set.
    pub fn heal(&self) {
        self.fail(|_| None);
    }

    /// From now on, fails every call on a connection that is open now, but not on new connections. The connections of a
    /// process that was frozen for a long time fail in this way.
    pub fn kill_connections(&self, fault: Fault) {
        *self.0.dead.lock().unwrap() = (self.0.accepted.load(Ordering::Relaxed), fault);
    }

    /// Returns the recorded operations, and forgets them.
    #[must_use]
    pub fn take(&self) -> Vec<Crossing> {
        std::mem::take(&mut *self.0.crossings.lock().unwrap())
    }

    /// Begins to count waves. A wave is a group of calls that run at the same time. The wire holds the answers of a
    /// wave until the wave has as many calls as `sizes` lists for it. Calls for which `is_beside` returns `true` belong
    /// to no wave.
    pub fn count_waves(&self, sizes: &[usize], is_beside: fn(&Crossing) -> bool) {
        *self.0.waves.lock().unwrap() = Some(Waves::new(sizes, is_beside));
    }

    /// Returns the calls of each wave since [`Wire::count_waves`]. A transaction counts as one call and is returned as
    /// its first write.
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<Crossing>> {
        let waves = self.0.waves.lock().unwrap().clone();
        waves.map(|waves| waves.seen()).unwrap_or_default()
    }

    async fn serve(self, stream: TcpStream, number: u64) {
        let service = service_fn(|request| self.carry(request, number));
        // A connection that breaks as planned ends with an error.
        let _ended = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn carry(&self, request: Request<Incoming>, connection: u64) -> Result<Response<Body>, Broken> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        // This call belongs to no request, so it is neither counted nor broken.
        if is_preparation(&head, &body) {
            return self.forward(&head, body).await;
        }
        let crossings = crossings(&head, &body);
        let planned = crossings.first().and_then(|first| (self.0.plan.lock().unwrap())(first));
        let (dead, fault) = *self.0.dead.lock().unwrap();
        let fault = (connection < dead).then_some(fault).or(planned);
        let waves = self.0.waves.lock().unwrap().clone();
        let wave = waves.and_then(|waves| waves.join(crossings.first()?));
        self.0.crossings.lock().unwrap().extend(crossings);

        match fault {
            None => {
                let answer = self.forward(&head, body).await;
                if let Some(wave) = wave {
                    wave.wait().await;
                }
                answer
            }
            Some(Fault::Slow(delay)) => {
                sleep(delay).await;
                self.forward(&head, body).await
            }
            Some(Fault::Refused(status, code)) => Ok(refusal(status, code)),
            Some(Fault::Unprocessed(done)) => self.forward_some(&head, &body, done).await,
            Some(Fault::Silent) => std::future::pending().await,
            Some(Fault::SilentAfterEffect) => {
                self.forward(&head, body).await?;
                std::future::pending().await
            }
            Some(Fault::Broken) => Err(Broken),
            Some(Fault::BrokenAfterEffect) => {
                self.forward(&head, body).await?;
                Err(Broken)
            }
        }
    }

    /// Forwards this many writes of a batch per table, and answers as the engine does when it has no capacity for the
    /// others.
    async fn forward_some(
        &self,
        head: &hyper::http::request::Parts,
        body: &[u8],
        done: usize,
    ) -> Result<Response<Body>, Broken> {
        let mut batch: Value = serde_json::from_slice(body).unwrap();
        let mut unprocessed = json!({});
        for (table, writes) in batch["RequestItems"].as_object_mut().unwrap() {
            let writes = writes.as_array_mut().unwrap();
            unprocessed[table] = writes.split_off(done.min(writes.len())).into();
        }
        if done > 0 {
            self.forward(head, batch.to_string().into()).await?;
        }
        Ok(Response::builder()
            .header("content-type", "application/x-amz-json-1.0")
            .body(Body::from(json!({"UnprocessedItems": unprocessed}).to_string()))
            .unwrap())
    }

    async fn forward(&self, head: &hyper::http::request::Parts, body: Bytes) -> Result<Response<Body>, Broken> {
        let mut request = Request::post(&self.0.engine).body(Full::new(body)).unwrap();
        for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
            if let Some(value) = head.headers.get(name) {
                request.headers_mut().insert(name, value.clone());
            }
        }
        let mut response = self.0.http.request(request).await.map_err(|_| Broken)?;
        if let Some(date) = self.dated() {
            response.headers_mut().insert("date", date);
        }
        Ok(response.map(Body::new))
    }

    /// Returns the `Date` header for an answer: the one that a test has set, or the time of the wire's clock. Returns
    /// `None` if there is neither.
    fn dated(&self) -> Option<HeaderValue> {
        let said = self.0.date.lock().unwrap().clone();
        said.or_else(|| self.0.clock.as_ref().map(|clock| self.date_of(clock)))
    }

    fn date_of(&self, clock: &TestClock) -> HeaderValue {
        let now = clock.now().get();
        let now = now.saturating_add_signed(self.0.ahead.load(Ordering::Relaxed));
        let now = DateTime::from_secs(i64::try_from(now / 1000).unwrap());
        now.fmt(DateTimeFormat::HttpDate).unwrap().parse().unwrap()
    }
}

/// The error of a connection that ends without an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("broken by plan")
    }
}

impl std::error::Error for Broken {}

fn refusal(status: StatusCode, code: &str) -> Response<Body> {
    let body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "by plan"});
    Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .body(Body::from(body.to_string()))
        .unwrap()
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Wire").field(&self.0.address).finish()
    }
}
