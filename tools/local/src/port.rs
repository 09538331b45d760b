//! Ports on the loopback addresses of this machine.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

/// Listens on `127.0.0.1`. `option` is the command-line option that changes the port.
///
/// # Errors
/// If the port is taken, or cannot be used for another reason. The error of a taken port names the option.
pub(crate) async fn listen(port: u16, option: &str) -> anyhow::Result<TcpListener> {
    bind((Ipv4Addr::LOCALHOST, port).into(), option).await
}

/// Listens on `::1`, since `localhost` may also be that address. Returns `None` if that address cannot be used, for
/// instance because the machine has no IPv6.
///
/// # Errors
/// If the port is taken. The error names the option.
pub(crate) async fn listen_v6(port: u16, option: &str) -> anyhow::Result<Option<TcpListener>> {
    let address = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(port_taken_error(address, option)),
        Err(_) => Ok(None),
    }
}

/// Returns an address for another program to listen on: `::1`, which `cargo lambda invoke` calls by default, or
/// `127.0.0.1` if the machine has no IPv6.
///
/// # Errors
/// If the port is taken. The error names the option.
pub(crate) async fn free(port: u16, option: &str) -> anyhow::Result<SocketAddr> {
    let listener = match listen_v6(port, option).await? {
        Some(listener) => listener,
        None => listen(port, option).await?,
    };
    Ok(listener.local_addr()?)
}

async fn bind(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(port_taken_error(address, option)),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
    }
}

fn port_taken_error(address: SocketAddr, option: &str) -> anyhow::Error {
    anyhow!(
        "port {} is taken: stop the program that listens there, or pass another port with {option}",
        address.port()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_reported_with_the_option_that_changes_it() {
        let first = listen(0, "--port").await.unwrap();
        let port = first.local_addr().unwrap().port();

        let error = listen(port, "--port").await.unwrap_err();

        assert_eq!(
            error.to_string(),
            format!("port {port} is taken: stop the program that listens there, or pass another port with --port")
        );
    }
}
