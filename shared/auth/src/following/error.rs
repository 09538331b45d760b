//! The errors of following a source.

use crate::error::StoreError;

/// Why there is no usable copy of a source, or why the copy is older than it should be. The token of a request is never
/// the cause.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The source has no key yet.
    #[error("there is no key yet: the first rotation makes one")]
    Empty,
    /// The source cannot be read.
    #[error("the source cannot be read: {0}")]
    Unreadable(StoreError),
    /// The source was read, but its text is not valid.
    #[error("the source is invalid: {0}")]
    Invalid(InvalidText),
    /// A read failed a moment ago and has not been tried again yet.
    #[error("the source could not be read a moment ago")]
    Paused,
    /// The feed is too long for one request to read. The part that was read is kept.
    #[error("the feed was not read to its end: the next request continues")]
    Unfinished,
}

/// Why the text of a source is not valid. The error never contains the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(String);

impl InvalidText {
    /// Makes the error from its cause.
    pub fn new(cause: impl std::error::Error) -> Self {
        Self(cause.to_string())
    }
}
