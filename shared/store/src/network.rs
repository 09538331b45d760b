//! Why the SDK got no answer.

use std::{error::Error, io, iter::successors};

use aws_sdk_dynamodb::error::ConnectorError;
use reads::NetworkFault;

/// Returns why a request could not be sent or got no answer, or `None` if the cause is not the network.
pub(crate) fn network_fault(failure: &ConnectorError) -> Option<NetworkFault> {
    if failure.is_timeout() {
        let is_connecting = chain_contains(failure, "connect timeout");
        return Some(if is_connecting {
            NetworkFault::NoConnection
        } else {
            NetworkFault::NoAnswer
        });
    }
    if !failure.is_io() {
        return None;
    }
    let kind = chain(failure).find_map(<dyn Error>::downcast_ref).map(innermost_kind);
    Some(match kind {
        _ if chain_contains(failure, "dns error") => NetworkFault::Dns,
        Some(io::ErrorKind::ConnectionRefused) => NetworkFault::Refused,
        Some(io::ErrorKind::TimedOut) => NetworkFault::NoConnection,
        Some(io::ErrorKind::InvalidData) => NetworkFault::Tls,
        _ => NetworkFault::Broken,
    })
}

/// Returns the kind of the innermost error, because TLS errors are wrapped in others.
fn innermost_kind(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| error.kind(), innermost_kind)
}

/// Returns whether the message of an error or of one of its sources contains this text. The types of these errors are
/// not public, so messages are compared.
fn chain_contains(error: &(dyn Error + 'static), text: &str) -> bool {
    chain(error).any(|error| error.to_string().contains(text))
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use auth::{error::StoreError, password::FindPassword as _, user::Email};
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};

    use super::*;
    use crate::{Aws, CredentialsTable};

    #[tokio::test]
    async fn a_network_error_is_reported_in_its_own_words() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let refused = format!("http://{}", closed.local_addr().unwrap());
        drop(closed);
        let no_tls = speaking(b"220 This is another service.\r\n").await;
        let hanging_up = speaking(b"").await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();

        for (endpoint, fault) in [
            (refused, NetworkFault::Refused),
            (format!("https://{no_tls}"), NetworkFault::Tls),
            (format!("http://{hanging_up}"), NetworkFault::Broken),
            ("http://nowhere.invalid".to_owned(), NetworkFault::Dns),
            (
                format!("http://{}", silent.local_addr().unwrap()),
                NetworkFault::NoAnswer,
            ),
        ] {
            let client = Aws::local(&endpoint, &endpoint).unwrap().dynamodb();
            let credentials = CredentialsTable::new(client, "Credentials".to_owned());

            let outcome = credentials
                .password_record(&Email::parse("ada@example.com").unwrap())
                .await;

            let Err(StoreError::Unavailable { cause, .. }) = outcome else {
                panic!("{outcome:?}")
            };
            assert_eq!(NetworkFault::from_text(&cause), Some(fault), "{endpoint}: {cause}");
        }
    }

    /// Starts a host that sends these bytes to every client and closes the connection.
    async fn speaking(words: &'static [u8]) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(words).await.unwrap();
            }
        });
        address
    }
}
