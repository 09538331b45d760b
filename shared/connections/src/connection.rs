//! One connection to a host: TCP, TLS and HTTP/1.1.

use std::{sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
    rt::{Read, Write},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::{Dial, Failure, NetworkFault, Origin};

/// A connection that can send one request after another.
#[derive(Debug)]
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

/// Why a connection did not deliver an answer to a request.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The host had closed the connection before the request was sent. The request can be sent over another connection.
    NotSent(Box<Request<Full<Bytes>>>),
    /// The request may have been sent, but no complete answer was received.
    Failed(Failure),
}

impl Connection {
    /// Connects to a host within this time.
    ///
    /// # Errors
    /// If the host's name cannot be resolved, the host cannot be reached, its certificate is not the expected one, or
    /// the time is up.
    pub(crate) async fn open(
        origin: &Origin,
        dial: &dyn Dial,
        tls: &Arc<ClientConfig>,
        limit: Duration,
    ) -> Result<Self, NetworkFault> {
        timeout(limit, Self::connect(origin, dial, tls))
            .await
            .unwrap_or(Err(NetworkFault::NoConnection))
    }

    async fn connect(origin: &Origin, dial: &dyn Dial, tls: &Arc<ClientConfig>) -> Result<Self, NetworkFault> {
        let stream = dial.dial(origin).await?;
        if !origin.is_https {
            return Self::speak_http(TokioIo::new(stream)).await;
        }
        let name = ServerName::try_from(origin.name().to_owned()).map_err(|_| NetworkFault::Tls)?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        Self::speak_http(TokioIo::new(stream.map_err(|_| NetworkFault::Tls)?)).await
    }

    async fn speak_http(stream: impl Read + Write + Unpin + Send + 'static) -> Result<Self, NetworkFault> {
        let (sender, connection) = handshake(stream).await.map_err(|_| NetworkFault::Broken)?;
        // The task ends when the sender is dropped. Its result is ignored, because an error of the connection also
        // makes the request fail.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and reads the whole answer. The body of the answer may have at most `max_answer` bytes.
    ///
    /// # Errors
    /// If the connection is closed, or the answer is too long or breaks off.
    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        max_answer: usize,
    ) -> Result<Response<Bytes>, SendError> {
        if self.0.ready().await.is_err() {
            return Err(SendError::NotSent(Box::new(request)));
        }
        let answer = self.0.try_send_request(request).await.map_err(|mut error| {
            let broken = SendError::Failed(NetworkFault::Broken.into());
            let unsent = error.take_message();
            unsent.map_or(broken, |request| SendError::NotSent(Box::new(request)))
        })?;
        read(answer, max_answer).await.map_err(SendError::Failed)
    }

    /// Returns whether the connection can send another request.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.is_closed()
    }
}

async fn read(answer: Response<Incoming>, max_answer: usize) -> Result<Response<Bytes>, Failure> {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, max_answer).collect().await;
    let body = body.map_err(|_| Failure::Unreadable)?.to_bytes();
    Ok(Response::from_parts(head, body))
}
