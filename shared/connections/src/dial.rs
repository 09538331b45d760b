//! TCP connections to a host.

use std::{fmt::Debug, future::Future, io, pin::Pin};

use tokio::net::{TcpStream, lookup_host};

use crate::{NetworkFault, Origin};

/// A future TCP connection.
pub type Dialling<'a> = Pin<Box<dyn Future<Output = Result<TcpStream, NetworkFault>> + Send + 'a>>;

/// Makes TCP connections. A tool on a network with a proxy has its own way, so that no function links it.
pub trait Dial: Debug + Send + Sync {
    /// Connects to this host. TLS begins on the connection that is returned.
    fn dial<'a>(&'a self, origin: &'a Origin) -> Dialling<'a>;
}

/// Connects to a host without a proxy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Dial for Direct {
    fn dial<'a>(&'a self, origin: &'a Origin) -> Dialling<'a> {
        Box::pin(connect_tcp(origin))
    }
}

async fn connect_tcp(origin: &Origin) -> Result<TcpStream, NetworkFault> {
    let addresses = lookup_host((origin.name(), origin.port)).await;
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
