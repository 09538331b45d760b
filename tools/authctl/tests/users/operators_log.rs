//! A stand-in for STS and for CloudWatch Logs, which keeps the lines that operators write.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The name of the log group.
pub(crate) const GROUP: &str = "/gatehouse/gate/operators";
/// The caller.
pub(crate) const OPERATOR: &str = "arn:aws:sts::123456789012:assumed-role/Operator/grace";

/// A log group that a test can read and close.
#[derive(Clone, Debug)]
pub(crate) struct OperatorsLog {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    streams: BTreeSet<String>,
    lines: Vec<Value>,
    /// The access key with which each request was signed.
    access_keys: Vec<String>,
    fault: Option<Fault>,
}

/// Why a line is not kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The caller may not write lines.
    Denied,
    /// The time of the line is too far away.
    Dropped,
    /// Only the first line of each act is accepted.
    BusyAtTheEnd,
}

impl OperatorsLog {
    /// Starts the services, which run until the test ends.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let log = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::default(),
        };
        let answers = log.clone();
        let answer = move |headers: HeaderMap, body: String| async move { answers.answer(&headers, &body) };
        let router = Router::new().route("/", post(answer));
        let listener = TcpListener::from_std(listener).unwrap();
        tokio::spawn(axum::serve(listener, router).into_future());
        log
    }

    /// Fails from now on, until the next call.
    pub(crate) fn fail(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// Returns all lines.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.state().lines.clone()
    }

    /// Returns the access key with which each request was signed.
    pub(crate) fn access_keys(&self) -> Vec<String> {
        self.state().access_keys.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn answer(&self, headers: &HeaderMap, body: &str) -> Response {
        let (_, signed) = headers["authorization"]
            .to_str()
            .unwrap()
            .split_once("Credential=")
            .unwrap();
        let key = signed.split('/').next().unwrap().to_owned();
        self.state().access_keys.push(key);
        let Some(target) = headers.get("x-amz-target") else {
            assert!(body.contains("Action=GetCallerIdentity"), "{body}");
            let identity = format!("<GetCallerIdentityResult><Arn>{OPERATOR}</Arn></GetCallerIdentityResult>");
            let xml = format!("<GetCallerIdentityResponse>{identity}</GetCallerIdentityResponse>");
            return ([(header::CONTENT_TYPE, "text/xml")], xml).into_response();
        };
        let request: Value = serde_json::from_str(body).unwrap();
        assert_eq!(request["logGroupName"], GROUP);
        let stream = request["logStreamName"].as_str().unwrap().to_owned();
        let mut state = self.state();
        match (target.to_str().unwrap(), state.fault) {
            (_, Some(Fault::Denied)) => {
                let denied = format!("User: {OPERATOR} is not authorized to perform: logs:PutLogEvents");
                refusal("AccessDeniedException", &denied)
            }
            ("Logs_20140328.CreateLogStream", _) => {
                state.streams.insert(stream);
                accepted(&json!({}))
            }
            ("Logs_20140328.PutLogEvents", _) if !state.streams.contains(&stream) => {
                refusal("ResourceNotFoundException", "The specified log stream does not exist.")
            }
            ("Logs_20140328.PutLogEvents", Some(Fault::Dropped)) => {
                accepted(&json!({"rejectedLogEventsInfo": {"tooNewLogEventStartIndex": 0}}))
            }
            ("Logs_20140328.PutLogEvents", Some(Fault::BusyAtTheEnd)) if !body.contains("operator.began") => {
                refusal("ThrottlingException", "Rate exceeded")
            }
            ("Logs_20140328.PutLogEvents", None | Some(Fault::BusyAtTheEnd)) => {
                for event in request["logEvents"].as_array().unwrap() {
                    let line: Value = serde_json::from_str(event["message"].as_str().unwrap()).unwrap();
                    assert_eq!(event["timestamp"], line["_aws"]["Timestamp"]);
                    state.lines.push(line);
                }
                accepted(&json!({}))
            }
            (other, _) => panic!("{other}"),
        }
    }
}

fn accepted(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

fn refusal(kind: &str, message: &str) -> Response {
    let body = json!({"__type": kind, "message": message}).to_string();
    let content_type = [(header::CONTENT_TYPE, "application/x-amz-json-1.1")];
    (StatusCode::BAD_REQUEST, content_type, body).into_response()
}
