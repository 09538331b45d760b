//! How a source is followed.

use claims::Span;

/// How a source is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// The age at which a copy is read again.
    pub poll: Span,
    /// The maximum age of a copy that cannot be read again.
    pub stale: Span,
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
