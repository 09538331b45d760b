//! The client that invokes functions under `cargo lambda watch`, through Lambda's own API.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode, header};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use super::crashes::Crashes;
use crate::functions::{Functions, InvokeError};

/// A client of the functions behind one address.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    http: legacy::Client<HttpConnector, Body>,
    crashes: Arc<Crashes>,
}

impl Client {
    pub(super) fn new(address: SocketAddr, crashes: Arc<Crashes>) -> Self {
        Self {
            address,
            http: legacy::Client::builder(TokioExecutor::new()).build_http(),
            crashes,
        }
    }

    async fn send(&self, function: &str, event: String) -> Result<(StatusCode, Value), InvokeError> {
        let unreachable = |cause: &dyn std::fmt::Display| InvokeError::Unreachable {
            cause: cause.to_string(),
        };
        let url = format!("http://{}/2015-03-31/functions/{function}/invocations", self.address);
        let request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(event))
            .map_err(|error| unreachable(&error))?;
        let response = self.http.request(request).await.map_err(|error| unreachable(&error))?;
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|error| unreachable(&error))?.to_bytes();
        let answer = serde_json::from_slice(&bytes).map_err(|error| unreachable(&error))?;
        Ok((head.status, answer))
    }
}

impl Functions for Client {
    /// Invokes a function. Ignores the timeout, because the function may have to be compiled first.
    async fn invoke(&self, function: &str, event: String, _: Duration) -> Result<Value, InvokeError> {
        let (status, answer) = tokio::select! {
            answered = self.send(function, event) => {
                self.crashes.is_alive(function);
                answered?
            }
            () = self.crashes.wait_for_crash(function) => return Err(InvokeError::Crashed),
        };
        let message = answer.get("errorMessage").and_then(Value::as_str);
        match message {
            None if status.is_success() => Ok(answer),
            message => Err(InvokeError::Failed {
                message: message.unwrap_or("without a message").to_owned(),
            }),
        }
    }
}
