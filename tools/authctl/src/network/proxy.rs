//! TCP connections through the proxy that the environment names (RFC 9110 s9.3.6).

use connections::{Dial, Dialling, Direct, NetworkFault, Origin};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The maximum length of the proxy's answer.
const MAX_ANSWER: usize = 8 * 1024;

/// Connects through a proxy, if one is configured for the host.
#[derive(Debug)]
pub(super) struct Proxied(Matcher);

impl Proxied {
    /// Reads `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case, as curl does.
    pub(super) fn from_environment() -> Self {
        Self(Matcher::from_env())
    }

    /// Returns the proxy for this host. Hosts without TLS are on this machine, so they are reached directly.
    fn proxy_for(&self, origin: &Origin) -> Option<Intercept> {
        let url = format!("https://{}/", origin.authority());
        let url = url.parse().ok().filter(|_| origin.is_https)?;
        self.0.intercept(&url)
    }
}

impl Dial for Proxied {
    fn dial<'a>(&'a self, origin: &'a Origin) -> Dialling<'a> {
        Box::pin(async move {
            match self.proxy_for(origin) {
                Some(proxy) => open_tunnel(&proxy, origin).await,
                None => Direct.dial(origin).await,
            }
        })
    }
}

/// Asks the proxy to connect to the host.
async fn open_tunnel(proxy: &Intercept, origin: &Origin) -> Result<TcpStream, NetworkFault> {
    let at = Origin::of(proxy.uri()).filter(|at| !at.is_https);
    let at = at.ok_or(NetworkFault::Proxy)?;
    let mut stream = Direct.dial(&at).await.map_err(|_| NetworkFault::Proxy)?;
    let target = format!("{}:{}", origin.host, origin.port);
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(password) = proxy.basic_auth() {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(password.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let asked = stream.write_all(&request).await;
    asked.map_err(|_| NetworkFault::Proxy)?;
    if is_connected(&mut stream).await {
        Ok(stream)
    } else {
        Err(NetworkFault::Proxy)
    }
}

/// Reads the proxy's answer, and returns whether it connects. The bytes after the answer belong to the host.
async fn is_connected(stream: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) if answer.len() < MAX_ANSWER => answer.push(byte),
            Ok(_) | Err(_) => return false,
        }
    }
    answer.starts_with(b"HTTP/1.1 2") || answer.starts_with(b"HTTP/1.0 2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_reached_through_the_proxy_unless_it_is_an_exception() {
        let matcher = Matcher::builder()
            .all("http://proxy:3128")
            .no("internal.example,.vpce.amazonaws.com");
        let proxied = Proxied(matcher.build());

        for (url, is_proxied) in [
            ("https://dynamodb.eu-west-1.amazonaws.com", true),
            ("https://internal.example", false),
            ("https://a.vpce.amazonaws.com", false),
            // The engine of a test or of `cargo dev`.
            ("http://127.0.0.1:8000", false),
        ] {
            let origin = Origin::of(&url.parse().unwrap()).unwrap();

            assert_eq!(proxied.proxy_for(&origin).is_some(), is_proxied, "{url}");
        }
    }
}
