//! The HTTP client of the AWS SDK, with connections that all of the client's clones share.

use std::time::Duration;

use aws_sdk_dynamodb::{
    config::{HttpClient, RuntimeComponents},
    error::ConnectorError,
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use connections::{Connections, Failure, Limits, NetworkFault, Origin};
use http_body_util::Full;
use hyper::{
    Request,
    body::Bytes,
    header::{HOST, HeaderValue},
    http::uri::PathAndQuery,
};
use tokio::time::timeout;

/// The maximum length of an answer in bytes. A batch of reads returns up to 16 MB of items, which are longer as JSON.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// The maximum time to connect, if the SDK sets none.
const CONNECT: Duration = Duration::from_secs(10);

/// The HTTP client of the AWS SDK.
#[derive(Clone, Debug, Default)]
pub struct SharedClient(Connections);

impl SharedClient {
    /// Returns a client that uses these connections. The default is a pool of its own.
    #[must_use]
    pub const fn new(connections: Connections) -> Self {
        Self(connections)
    }
}

/// The connector of one call.
#[derive(Debug)]
struct Connector {
    connections: Connections,
    connect: Duration,
    read: Option<Duration>,
}

impl HttpClient for SharedClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let Self(connections) = self;
        SharedHttpConnector::new(Connector {
            connections: connections.clone(),
            connect: settings.connect_timeout().unwrap_or(CONNECT),
            read: settings.read_timeout(),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (connections, read) = (self.connections.clone(), self.read);
        let limits = Limits {
            connect: self.connect,
            answer: MAX_ANSWER,
        };
        HttpConnectorFuture::new(async move {
            let (origin, request) = split(request).ok_or_else(|| ConnectorError::user("not an HTTP request".into()))?;
            let answer = connections.send(&origin, request, limits);
            let answer = match read {
                Some(read) => timeout(read, answer)
                    .await
                    .unwrap_or_else(|_| Err(NetworkFault::NoAnswer.into())),
                None => answer.await,
            };
            let answer = answer.map_err(connector_error)?;
            HttpResponse::try_from(answer.map(Into::into)).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Returns the origin to which a request is sent, and the request in the form in which it is sent: its target is a path
/// (RFC 9112 s3.2.1), and it has a `Host` header. Returns `None` if the request is malformed or its body is a stream.
/// The SDK makes no request whose body is a stream.
fn split(request: HttpRequest) -> Option<(Origin, Request<Full<Bytes>>)> {
    let mut request = request.try_into_http1x().ok()?;
    let origin = Origin::of(request.uri())?;
    let target = request.uri().path_and_query().cloned();
    *request.uri_mut() = target.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
    if !request.headers().contains_key(HOST) {
        let host = HeaderValue::try_from(origin.authority()).ok()?;
        request.headers_mut().insert(HOST, host);
    }
    let (head, body) = request.into_parts();
    let body = Full::new(Bytes::copy_from_slice(body.bytes()?));
    Some((origin, Request::from_parts(head, body)))
}

/// Converts a failure to an error of the SDK. The SDK sends the request again after either kind of error, unless all
/// tries are used up.
fn connector_error(failure: Failure) -> ConnectorError {
    match failure {
        Failure::Network(NetworkFault::NoConnection | NetworkFault::NoAnswer) => {
            ConnectorError::timeout(Box::new(failure))
        }
        Failure::Network(_) | Failure::Unreadable => ConnectorError::io(Box::new(failure)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_sent_to_its_host_with_a_path_as_its_target() {
        for (url, target, host) in [
            ("https://a.example/b?c=d", "/b?c=d", "a.example"),
            ("http://127.0.0.1:8000", "/", "127.0.0.1:8000"),
            ("http://a.example:80/", "/", "a.example"),
        ] {
            let (origin, request) = split(HttpRequest::get(url).unwrap()).unwrap();

            assert_eq!(request.uri().to_string(), target, "{url}");
            assert_eq!(request.headers()[HOST], host, "{url}");
            assert_eq!(origin.authority(), host, "{url}");
        }
    }
}
