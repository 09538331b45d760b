//! A function that answers HTTP requests. It turns an event into a response, in Lambda and in tests alike.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use claims::{Clock, Moment};
use config::{Environment, SystemClock};
use futures::FutureExt as _;
use lambda_http::http::StatusCode;
use runtime::{Audit, AuditEvent, Call, FunctionError, Invoke, StartError};
use serde_json::{Map, Value, json};

use crate::{
    Answer, Failure, Request,
    event::{self, Format},
};

/// The maximum time that a handler may take, even if the store does not respond.
const PATIENCE: Duration = Duration::from_millis(2800);

/// Answers the requests of one function.
pub trait Handler: Send + Sync {
    /// Answers a request that arrived at `now`.
    fn handle(&self, request: Request, now: Moment) -> impl Future<Output = Result<Answer, Failure>> + Send;

    /// Returns events for the log that do not belong to a request, such as a failure to read a key set again. Each
    /// event is returned once.
    fn notices(&self) -> Vec<AuditEvent> {
        Vec::new()
    }
}

/// Makes a handler with `start`, and answers HTTP requests with it until Lambda ends the process.
///
/// # Errors
/// If a variable is missing or invalid, including those that Lambda sets, or if Lambda's runtime API cannot be reached.
pub async fn run<H: Handler>(
    start: impl AsyncFnOnce(Environment, Moment) -> Result<H, StartError>,
) -> Result<(), StartError> {
    runtime::run(async |environment, audit| {
        let handler = Box::pin(start(environment, SystemClock.now())).await?;
        Ok(Function::new(handler, SystemClock, audit))
    })
    .await
}

/// A handler with its clock and its log.
#[derive(Debug)]
pub struct Function<H, C> {
    handler: H,
    clock: C,
    audit: Audit,
}

impl<H: Handler, C: Clock> Function<H, C> {
    /// Returns a function with this handler, clock and log.
    pub const fn new(handler: H, clock: C, audit: Audit) -> Self {
        Self { handler, clock, audit }
    }

    /// Answers an event of API Gateway. Any other event gets the answer to an invalid request. `request_id` is Lambda's
    /// id of the invocation, and `xray_trace_id` is the value of the invocation's tracing header.
    pub async fn answer(&self, payload: &str, request_id: String, xray_trace_id: Option<String>) -> Value {
        let mut call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let (format, request) = event::read(payload);
        let outcome = match request {
            Ok(request) => {
                call.gateway.clone_from(&request.gateway);
                let viewer = Arc::clone(&request.viewer);
                let outcome = self.handle(request, call.now).await;
                call.gateway.source = viewer.get().cloned().or(call.gateway.source);
                outcome
            }
            Err(failure) => Err(failure),
        };
        for notice in self.handler.notices() {
            self.audit.write(&call, notice);
        }
        match outcome {
            Ok(answer) => self.succeed(&call, format, answer),
            Err(failure) => self.fail(&call, format, failure),
        }
    }

    /// Handles a request within the time limit. If the handler panics or takes too long, only this request fails, and
    /// the process continues.
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        // Boxed, because the future of a whole use case is large and the runtime moves it.
        let handling = Box::pin(async move { self.handler.handle(request, now).await });
        let handling = AssertUnwindSafe(handling).catch_unwind();
        match tokio::time::timeout(PATIENCE, handling).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(Failure::internal("the handler panicked")),
            Err(_elapsed) => Err(Failure::unavailable("no answer in time")),
        }
    }

    fn succeed(&self, call: &Call, format: Format, answer: Answer) -> Value {
        for event in answer.events {
            self.audit.write(call, event);
        }
        let body = answer.document.or_else(|| answer.body.map(|body| body.to_string()));
        response(format, answer.status, answer.headers, body)
    }

    fn fail(&self, call: &Call, format: Format, failure: Failure) -> Value {
        self.audit.write(call, failure.event);
        let mut body = json!({
            "error": failure.code.as_str(),
            "error_description": failure.description,
            "request_id": call.shown_id(),
        });
        for (name, value) in failure.members.into_iter().flat_map(|members| *members) {
            set(&mut body, &name, value);
        }
        response(format, failure.code.status(), failure.headers, Some(body.to_string()))
    }
}

impl<H: Handler, C: Clock> Invoke for Function<H, C> {
    async fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        Ok(self.answer(payload, request_id, xray_trace_id).await)
    }
}

/// Returns the response in the payload format of the event. By default it forbids caching, and its body is JSON.
fn response(format: Format, status: StatusCode, headers: Vec<(&'static str, String)>, body: Option<String>) -> Value {
    let (cookies, mut headers): (Vec<_>, Vec<_>) = headers.into_iter().partition(|(name, _)| *name == "set-cookie");
    let cookies: Vec<String> = cookies.into_iter().map(|(_, cookie)| cookie).collect();
    let json = body
        .as_ref()
        .map(|_| ("content-type", "application/json; charset=utf-8"));
    let usual = [("x-content-type-options", "nosniff"), ("cache-control", "no-store")];
    for (name, value) in usual.into_iter().chain(json) {
        if !headers.iter().any(|(given, _)| *given == name) {
            headers.push((name, value.to_owned()));
        }
    }
    let headers: Map<String, Value> = headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();

    let mut response = json!({
        "statusCode": status.as_u16(),
        "headers": headers,
        "body": body.unwrap_or_default(),
        "isBase64Encoded": false,
    });
    match format {
        Format::V2 => set(&mut response, "cookies", cookies.into()),
        Format::V1 => set(&mut response, "multiValueHeaders", json!({"set-cookie": cookies})),
    }
    response
}

fn set(response: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = response {
        members.insert(name.to_owned(), value);
    }
}
