//! How often a source is read, and what happens if it cannot be read.

use claims::Span;

/// How often a source is read, and what happens if it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// The age of a copy at which the source is read again.
    pub poll: Span,
    /// The maximum age of a copy while the source cannot be read.
    pub stale: Span,
    /// What to do once the copy is older than `stale`.
    pub on_failure: OnFailure,
}

/// What happens once a copy is older than [`Following::stale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The copy is no longer used: tokens are neither accepted nor refused.
    Closed,
    /// The copy is still used: tokens that were revoked since it was read are accepted.
    Open,
}
