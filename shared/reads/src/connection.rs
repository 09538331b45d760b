//! One connection to a service: TCP, TLS and HTTP/1.1.

use std::{io, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
    rt::{Read, Write},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::{endpoint::Endpoint, fault::Fault, network::NetworkFault};

/// The maximum length of an answer in bytes. A page of the feed has up to 1 MB before it becomes JSON.
const MAX_ANSWER: usize = 2 * 1024 * 1024;

/// A connection that can send one request after the other.
#[derive(Debug)]
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The `Date` header.
    pub(crate) date: Option<String>,
    pub(crate) body: Bytes,
}

/// Why a request could not be sent, or was not answered.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The service had closed the connection before the request arrived.
    Closed,
    /// Something else.
    Failed(Fault),
}

impl Connection {
    /// Connects to a service within this time.
    ///
    /// # Errors
    /// If the host's name cannot be resolved, the host cannot be reached, or its certificate is not the expected one.
    pub(crate) async fn open(
        endpoint: &Endpoint,
        tls: &Arc<ClientConfig>,
        limit: Duration,
    ) -> Result<Self, NetworkFault> {
        timeout(limit, Self::connect(endpoint, tls))
            .await
            .unwrap_or(Err(NetworkFault::NoConnection))
    }

    async fn connect(endpoint: &Endpoint, tls: &Arc<ClientConfig>) -> Result<Self, NetworkFault> {
        let stream = connect_tcp(endpoint).await?;
        if !endpoint.is_https {
            return Self::speak_http(TokioIo::new(stream)).await;
        }
        let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| NetworkFault::Tls)?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        Self::speak_http(TokioIo::new(stream.map_err(|_| NetworkFault::Tls)?)).await
    }

    async fn speak_http(stream: impl Read + Write + Unpin + Send + 'static) -> Result<Self, NetworkFault> {
        let (sender, connection) = handshake(stream).await.map_err(|_| NetworkFault::Broken)?;
        // The task ends when the sender is dropped. An error of the connection is reported by the request.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// If the connection is closed, or the answer is too long or breaks off.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, SendError> {
        self.0.ready().await.map_err(|_| SendError::Closed)?;
        let answer = self.0.send_request(request).await.map_err(|error| {
            if error.is_canceled() || error.is_closed() || error.is_incomplete_message() {
                SendError::Closed
            } else {
                SendError::Failed(Fault::Network(NetworkFault::Broken))
            }
        })?;
        read(answer).await.map_err(SendError::Failed)
    }

    /// Returns whether the connection can send another request.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.is_closed()
    }
}

async fn connect_tcp(endpoint: &Endpoint) -> Result<TcpStream, NetworkFault> {
    let addresses = lookup_host((endpoint.host.as_str(), endpoint.port)).await;
    let mut last = NetworkFault::Dns;
    for address in addresses.map_err(|_| NetworkFault::Dns)? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(|_| NetworkFault::Broken)?;
                return Ok(stream);
            }
            Err(error) => last = connect_fault(&error),
        }
    }
    Err(last)
}

fn connect_fault(error: &io::Error) -> NetworkFault {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        NetworkFault::Refused
    } else if error.kind() == io::ErrorKind::TimedOut {
        NetworkFault::NoConnection
    } else {
        NetworkFault::Broken
    }
}

async fn read(answer: Response<Incoming>) -> Result<Answer, Fault> {
    let (head, body) = answer.into_parts();
    let date = head.headers.get("date").and_then(|date| date.to_str().ok());
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    Ok(Answer {
        status: head.status.as_u16(),
        date: date.map(str::to_owned),
        body: body.map_err(|_| Fault::Unreadable)?.to_bytes(),
    })
}
