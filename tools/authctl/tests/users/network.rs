//! These tests run `authctl` on a network whose only way out is a proxy that presents certificates of its own.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tests::{EMAIL, Stack};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::harness::{Gatehouse, Ran, path};

/// The host of DynamoDB in a region.
const HOST: &str = "dynamodb.eu-west-1.amazonaws.com";

#[tokio::test]
async fn aws_is_reached_through_the_proxy_and_by_its_certificates() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let proxy = Proxy::serve(&gatehouse, "200 Connection established").await;
    let url = format!("http://ada:open@{}", proxy.address);

    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let ran = proxy.run(&gatehouse, &url, Some(variable)).await;

        assert!(ran.succeeded && ran.json()["email"] == EMAIL, "{variable}: {ran:?}");
    }

    let seen = proxy.seen.lock().unwrap().concat();
    assert!(seen.starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")), "{seen}");
    assert!(seen.contains("Proxy-Authorization: Basic YWRhOm9wZW4=\r\n"), "{seen}");
}

#[tokio::test]
async fn a_proxy_that_is_in_the_way_is_named_with_what_to_do() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let inspecting = Proxy::serve(&gatehouse, "200 OK").await;
    let closed = Proxy::serve(&gatehouse, "407 Proxy Authentication Required").await;

    for (proxy, scheme, told) in [
        (&inspecting, "http", "if your network inspects TLS, set AWS_CA_BUNDLE"),
        (&closed, "http", "check HTTPS_PROXY (http://host:port) and NO_PROXY"),
        (
            &inspecting,
            "socks5",
            "check HTTPS_PROXY (http://host:port) and NO_PROXY",
        ),
    ] {
        let ran = proxy
            .run(&gatehouse, &format!("{scheme}://{}", proxy.address), None)
            .await;

        assert_eq!(ran.code, Some(5), "{ran:?}");
        assert!(ran.told.contains(told), "{ran:?}");
    }
}

#[tokio::test]
async fn a_bundle_that_cannot_be_read_is_named() {
    let gatehouse = Gatehouse::new().await;

    let mut command = gatehouse.command(&["user", "show", EMAIL]);
    let ran = Ran::from(
        command
            .env("AWS_CA_BUNDLE", "/no/such/file.pem")
            .output()
            .await
            .unwrap(),
    );

    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = "AWS_CA_BUNDLE: cannot read the certificates in /no/such/file.pem";
    assert!(ran.told.contains(told), "{ran:?}");
}

/// A proxy that inspects TLS before DynamoDB.
struct Proxy {
    address: String,
    bundle: PathBuf,
    /// The requests of clients.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Serves a proxy that answers every request with this status.
    async fn serve(gatehouse: &Gatehouse, status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let certified = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
        let bundle = path(&format!("bundle-{}.pem", address.replace(':', "-")));
        std::fs::write(&bundle, certified.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let (tls, seen) = (
            TlsAcceptor::from(Arc::new(config)),
            Arc::<Mutex<Vec<String>>>::default(),
        );
        let engine = gatehouse.wire.endpoint("authctl");
        let engine = engine
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        let requests = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(
                    stream,
                    status,
                    engine.clone(),
                    tls.clone(),
                    Arc::clone(&requests),
                ));
            }
        });
        Self { address, bundle, seen }
    }

    /// Runs a command behind the proxy. `variable` names the file of its certificate.
    async fn run(&self, gatehouse: &Gatehouse, proxy: &str, variable: Option<&str>) -> Ran {
        let mut command = gatehouse.command(&["--region", "eu-west-1", "user", "show", EMAIL, "-o", "json"]);
        command
            .env_remove("AWS_ENDPOINT_URL_DYNAMODB")
            .env("HTTPS_PROXY", proxy);
        for name in ["NO_PROXY", "no_proxy", "https_proxy", "AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
            command.env_remove(name);
        }
        if let Some(variable) = variable {
            command.env(variable, &self.bundle);
        }
        command.output().await.unwrap().into()
    }
}

async fn carry(
    mut stream: TcpStream,
    status: &str,
    engine: String,
    tls: TlsAcceptor,
    seen: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    seen.lock().unwrap().push(String::from_utf8(head).unwrap());
    stream
        .write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes())
        .await?;
    let mut stream = tls.accept(stream).await?;
    let mut engine = TcpStream::connect(engine).await?;
    copy_bidirectional(&mut stream, &mut engine).await.map(drop)
}
