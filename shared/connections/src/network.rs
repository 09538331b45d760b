//! Network errors of a call, with fixed messages.

use std::fmt;

/// Why a call got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The host name could not be resolved.
    Dns,
    /// The host refuses connections to this port.
    Refused,
    /// No connection was made in time.
    NoConnection,
    /// The proxy refuses to connect to the host, or it does not speak HTTP.
    Proxy,
    /// The host's certificate is not the expected one, or the host does not speak TLS.
    Tls,
    /// No answer came in time.
    NoAnswer,
    /// The connection failed in another way.
    Broken,
}

impl NetworkFault {
    const ALL: [Self; 7] = [
        Self::Dns,
        Self::Refused,
        Self::NoConnection,
        Self::Proxy,
        Self::Tls,
        Self::NoAnswer,
        Self::Broken,
    ];

    /// Returns the fault whose message is `text`, or `None` if no fault has this message.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.text() == text)
    }

    /// Returns the message of the fault.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Dns => "the name of the host could not be resolved (DNS)",
            Self::Refused => "connection refused",
            Self::NoConnection => "connecting timed out",
            Self::Proxy => "the proxy did not connect",
            Self::Tls => "the TLS handshake failed",
            Self::NoAnswer => "timed out",
            Self::Broken => "connection failed",
        }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}
