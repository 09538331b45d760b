//! Why a request has no answer.

use crate::NetworkFault;

/// Why a request has no answer. The messages are fixed and contain nothing from an answer, since an answer can contain
/// anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub enum Failure {
    /// The network failed.
    Network(NetworkFault),
    /// The answer is longer than the limit, or it broke off.
    Unreadable,
}

impl Failure {
    /// Returns the message.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Network(fault) => fault.text(),
            Self::Unreadable => "the answer could not be read",
        }
    }
}

impl From<NetworkFault> for Failure {
    fn from(fault: NetworkFault) -> Self {
        Self::Network(fault)
    }
}
