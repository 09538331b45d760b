//! How often a source is read, and what happens if it cannot be read.

use claims::Span;

/// How often a source is read, and what happens if it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// The age of a copy at which the source is read again.
    pub poll: Span,
    /// The age up to which a copy is used in any case while the source cannot be read.
    pub stale: Span,
    /// Whether the copy is still used once it is older than `stale`.
    pub on_failure: OnFailure,
}

/// What happens once a copy is older than [`Following::stale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The copy is no longer used. Requests fail, and their tokens are neither accepted nor refused.
    Closed,
    /// The copy is still used: tokens that were revoked since it was read are accepted.
    Open,
}
