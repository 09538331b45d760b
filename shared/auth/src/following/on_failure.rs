//! How a source is followed, and why nothing may be known about it.

use claims::Seconds;

use crate::error::StoreError;

/// How a source is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// The age at which a copy is read again.
    pub poll: Seconds,
    /// The maximum age of a copy that cannot be read again.
    pub stale: Seconds,
    /// What to do once the copy is older.
    pub on_failure: OnFailure,
}

/// What happens to tokens that may have been revoked since the feed was last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// They are neither accepted nor rejected: no decision is made.
    Closed,
    /// They are accepted.
    Open,
}

/// A string that is neither `closed` nor `open`.
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

/// Why nothing can be decided, or why the copy is older than it should be. The token is never the cause.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// No key has been published.
    #[error("no public key has been published yet")]
    NoKeys,
    /// The source cannot be read.
    #[error("the source cannot be read: {0}")]
    Unreadable(StoreError),
    /// A read failed a moment ago and has not been tried again yet.
    #[error("the source could not be read a moment ago")]
    Unread,
    /// The feed is too long for one request to read. The part that was read is kept.
    #[error("the feed is long: the next request continues reading it")]
    Unfinished,
}
