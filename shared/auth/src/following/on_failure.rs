//! How what is announced is followed, and why nothing may be known of it.

use claims::Seconds;

use crate::error::StoreError;

/// How something is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// How old a copy may be before it is read again.
    pub poll: Seconds,
    /// How old it may be when it cannot be read again.
    pub stale: Seconds,
    /// What is done about a copy that is older.
    pub on_failure: OnFailure,
}

/// What is decided about tokens that may have been revoked since the feed could be read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing is: no token passes, and none is called bad.
    Closed,
    /// They pass.
    Open,
}

/// A word that is neither `closed` nor `open`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be closed or open")]
pub struct InvalidOnFailure;

impl std::str::FromStr for OnFailure {
    type Err = InvalidOnFailure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "closed" => Ok(Self::Closed),
            "open" => Ok(Self::Open),
            _ => Err(InvalidOnFailure),
        }
    }
}

/// Why nothing can be decided, or why what is known is older than it should be. It is never a token's fault.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// No key has been published.
    #[error("no public key has been published yet")]
    NoKeys,
    /// It cannot be read.
    #[error("what is announced cannot be read: {0}")]
    Unreadable(StoreError),
    /// As before; it was tried a moment ago.
    #[error("what is announced could not be read a moment ago")]
    Unread,
    /// There is more than can be read in the time of one request. What was read is kept.
    #[error("the feed is long: reading it goes on with the next request")]
    Unfinished,
}
