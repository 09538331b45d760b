//! The https side of the API's port. A request by http gets an answer that names the right address.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The first byte of every TLS connection: the type of a record with a handshake message (RFC 8446 s5.1).
const HANDSHAKE: u8 = 22;
/// How long a client may take for its handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the rest of a request by http is read. Without that, the client may lose the answer.
const LINGER: Duration = Duration::from_secs(1);

/// A listener whose connections are encrypted. A client that is slow keeps no other client waiting.
pub(crate) struct HttpsListener {
    listener: TcpListener,
    acceptor: Acceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

/// Makes encrypted connections, and answers requests by http.
#[derive(Clone)]
struct Acceptor {
    tls: TlsAcceptor,
    url: Arc<str>,
}

impl HttpsListener {
    /// Returns the https side of `listener`. `url` is the address that clients by http are sent to.
    pub(crate) fn new(listener: TcpListener, server: Arc<ServerConfig>, url: &str) -> Self {
        Self {
            listener,
            acceptor: Acceptor {
                tls: server.into(),
                url: url.into(),
            },
            handshakes: JoinSet::new(),
        }
    }
}

impl Listener for HttpsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                (stream, client) = Listener::accept(&mut self.listener) => {
                    let acceptor = self.acceptor.clone();
                    self.handshakes.spawn(async move {
                        let accepted = timeout(PATIENCE, acceptor.accept(stream)).await;
                        Some((accepted.ok()??, client))
                    });
                }
                Some(ended) = self.handshakes.join_next() => {
                    if let Ok(Some(accepted)) = ended {
                        return accepted;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Acceptor {
    /// Returns the encrypted connection, or `None` if the client wants none or does not trust the certificate.
    async fn accept(self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let mut first = [0];
        let length = stream.peek(&mut first).await.ok()?;
        if length > 0 && first != [HANDSHAKE] {
            let _ = timeout(LINGER, refuse(stream, &self.url)).await;
            return None;
        }
        self.tls.accept(stream).await.ok()
    }
}

/// Answers a request by http.
async fn refuse(mut stream: TcpStream, url: &str) -> std::io::Result<()> {
    let text = format!("This port is for https: {url}\n");
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use axum::{Router, extract::ConnectInfo, serve::ListenerExt as _};
    use claims::Timestamp;
    use rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    };
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::certificate::Certificate;

    const URL: &str = "https://localhost:3000";
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_client_that_trusts_only_the_written_authority_gets_an_answer() {
        let server = Server::start("trusted").await;

        for host in ["localhost", "127.0.0.1", "::1"] {
            let answer = server.ask(host, &server.authority).await.unwrap();

            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(answer.ends_with("of 127.0.0.1"), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_client_that_trusts_another_authority_or_wants_another_host_refuses_the_certificate() {
        let (server, other) = (Server::start("mine").await, Server::start("other").await);

        let by_other = server.ask("localhost", &other.authority).await;
        let for_other = server.ask("example.com", &server.authority).await;

        assert!(by_other.unwrap_err().to_string().contains("invalid peer certificate"));
        assert!(for_other.unwrap_err().to_string().contains("not valid for name"));
    }

    #[tokio::test]
    async fn a_request_by_http_gets_the_right_address() {
        let server = Server::start("http").await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let long = [REQUEST, &vec![b'x'; 200_000]].concat();

        stream.write_all(&long).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();

        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(
            answer.ends_with(&format!("\r\n\r\nThis port is for https: {URL}\n")),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn clients_that_send_nothing_or_close_keep_nobody_waiting() {
        let server = Server::start("silent").await;
        let silent = TcpStream::connect(server.address).await.unwrap();
        drop(TcpStream::connect(server.address).await.unwrap());
        let mut wrong = TcpStream::connect(server.address).await.unwrap();
        wrong.write_all(&[HANDSHAKE, 0, 0, 0, 0, 0]).await.unwrap();

        let answer = timeout(PATIENCE / 2, server.ask("localhost", &server.authority)).await;

        assert!(answer.unwrap().unwrap().starts_with("HTTP/1.1 200"));
        drop(silent);
    }

    /// A server that answers with the address of its client.
    struct Server {
        folder: PathBuf,
        authority: PathBuf,
        address: SocketAddr,
        _task: JoinSet<()>,
    }

    impl Server {
        async fn start(name: &str) -> Self {
            let name = format!("gatehouse-https-{}-{name}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            let Certificate { server, authority } = Certificate::ensure(&folder, now()).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let listener = HttpsListener::new(listener, server, URL).tap_io(|_| {});
            let router = Router::new()
                .fallback(async |ConnectInfo(client): ConnectInfo<SocketAddr>| format!("of {}", client.ip()));
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let mut task = JoinSet::new();
            task.spawn(async { axum::serve(listener, service).await.unwrap() });
            Self {
                folder,
                authority: authority.path,
                address,
                _task: task,
            }
        }

        /// Returns the answer to a client that trusts one authority.
        async fn ask(&self, host: &str, authority: &Path) -> std::io::Result<String> {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
            let stream = TcpStream::connect(self.address).await?;
            let name = ServerName::try_from(host.to_owned()).unwrap();
            let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
            stream.write_all(REQUEST).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok(answer)
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    fn now() -> Timestamp {
        claims::Clock::now(&config::SystemClock).timestamp()
    }
}
