//! Requests to a Gatehouse, as any client of it sends them.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, ensure};
use connections::{Connections, Limits, Origin};
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    header::{HOST, HeaderName},
    http::Uri,
};
use serde_json::Value;
use tokio::time::timeout;

use super::connections;

/// The limits of one request. No answer of the service is longer than a page of sessions.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(10),
    answer: 4 * 1024 * 1024,
};
/// The maximum time of one request.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that sends requests through the operator's network. It follows no redirect.
#[derive(Debug)]
pub(crate) struct Web(Connections);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Web {
    /// Returns a client that also trusts this authority.
    ///
    /// # Errors
    /// If the certificates of the authority or of `AWS_CA_BUNDLE` cannot be read.
    pub(crate) fn open(authority: Option<&Path>) -> anyhow::Result<Self> {
        connections(authority).map(Self)
    }

    /// Sends a request with these headers.
    ///
    /// # Errors
    /// If the URL is invalid, or there is no complete answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(HeaderName, &str)],
        body: String,
    ) -> anyhow::Result<Answer> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is not a URL"))?;
        let origin = Origin::of(&uri).with_context(|| format!("{url} does not begin with https:// or http://"))?;
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let request = Request::builder().method(method).uri(target);
        let request = headers
            .iter()
            .fold(request.header(HOST, origin.authority()), |request, (name, value)| {
                request.header(name, *value)
            });
        let request = request.body(Full::new(Bytes::from(body)))?;
        let Self(connections) = self;
        let no_answer = || format!("no answer from {url}");
        let answer = timeout(PATIENCE, connections.send(&origin, request, LIMITS)).await;
        let (head, body) = answer.with_context(no_answer)?.with_context(no_answer)?.into_parts();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// Returns the JSON at a URL.
    ///
    /// # Errors
    /// If the answer has another status than 200, or is not JSON.
    pub(crate) async fn read_json(&self, url: &str) -> anyhow::Result<(Answer, Value)> {
        let answer = self.send(Method::GET, url, &[], String::new()).await?;
        ensure!(answer.status == StatusCode::OK, "{url} answers {}", answer.status);
        let value = serde_json::from_slice(&answer.body).with_context(|| format!("{url} does not answer with JSON"))?;
        Ok((answer, value))
    }
}

impl Answer {
    /// Returns the body as JSON, or `null` if it is something else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns a header, or `None` if it is missing or is not text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
