//! What a network can do to a call, in fixed words.

use std::{error::Error, fmt, io, iter::successors};

use aws_sdk_dynamodb::error::ConnectorError;

/// Why a call got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The host has no address.
    Dns,
    /// The host listens to nobody at this port.
    Refused,
    /// No connection was made in time.
    NoConnection,
    /// The host is not who it should be, or does not speak TLS.
    Tls,
    /// Nothing came back in time.
    NoAnswer,
    /// The connection failed in another way.
    Broken,
}

impl NetworkFault {
    const ALL: [Self; 6] = [
        Self::Dns,
        Self::Refused,
        Self::NoConnection,
        Self::Tls,
        Self::NoAnswer,
        Self::Broken,
    ];

    /// The fault that these words, the cause of a [`auth::error::StoreError::Unavailable`], tell of, if it is the network's.
    #[must_use]
    pub fn of_words(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.words() == words)
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Dns => "the name of the host could not be resolved (DNS)",
            Self::Refused => "connection refused",
            Self::NoConnection => "connecting timed out",
            Self::Tls => "the TLS handshake failed",
            Self::NoAnswer => "timed out",
            Self::Broken => "connection failed",
        }
    }

    /// What became of a request that could not be sent, or whose answer did not come; nothing where it is not the network.
    pub(crate) fn of_dispatch(failure: &ConnectorError) -> Option<Self> {
        if failure.is_timeout() {
            let is_connecting = says(failure, "connect timeout");
            return Some(if is_connecting {
                Self::NoConnection
            } else {
                Self::NoAnswer
            });
        }
        if !failure.is_io() {
            return None;
        }
        let kind = chain(failure).find_map(<dyn Error>::downcast_ref).map(innermost_kind);
        Some(match kind {
            _ if says(failure, "dns error") => Self::Dns,
            Some(io::ErrorKind::ConnectionRefused) => Self::Refused,
            Some(io::ErrorKind::TimedOut) => Self::NoConnection,
            Some(io::ErrorKind::InvalidData) => Self::Tls,
            _ => Self::Broken,
        })
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

/// What kind of error this is, where it is wrapped in others, as TLS wraps its own.
fn innermost_kind(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| error.kind(), innermost_kind)
}

/// Whether an error or what it comes from says this: the types that say it are not public.
fn says(error: &(dyn Error + 'static), words: &str) -> bool {
    chain(error).any(|error| error.to_string().contains(words))
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
    async fn what_the_network_did_is_told_in_the_networks_own_words() {
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
            assert_eq!(NetworkFault::of_words(&cause), Some(fault), "{endpoint}: {cause}");
        }
    }

    /// A host that says this to whoever connects, and hangs up.
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
