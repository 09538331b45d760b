//! The reasons why the SDK got no answer.

use std::{error::Error, iter::successors};

use aws_sdk_dynamodb::error::ConnectorError;
use connections::Failure;

/// Returns the connection failure that caused this error, or `None` if the error has another cause.
pub(crate) fn find_failure(error: &ConnectorError) -> Option<Failure> {
    let first: &(dyn Error + 'static) = error;
    let mut chain = successors(Some(first), |&error| error.source());
    chain.find_map(<dyn Error>::downcast_ref).copied()
}

#[cfg(test)]
mod tests {
    use auth::{error::StoreError, password::FindPassword as _, user::Email};
    use connections::NetworkFault;
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};

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
            let client = Aws::local(&endpoint, &endpoint).dynamodb();
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

    /// Starts a host that sends these bytes to every client and closes the connection. Returns the host's address.
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
