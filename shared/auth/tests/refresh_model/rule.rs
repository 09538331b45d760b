//! The rule under test: the three functions of production, or replacements for them.

use auth::session::{Decision, RefreshRule, Rotation, Session};
use claims::Timestamp;

/// [`Session::decide`], or a replacement.
pub(crate) type Decide = fn(&Session, u64, Timestamp, &RefreshRule) -> Decision;

/// The functions that a server applies to a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) decide: Decide,
    pub(crate) rotated: fn(&Session, u64, Timestamp, &Rotation) -> Session,
    pub(crate) recovered: fn(&Session, Timestamp) -> Session,
}

/// The functions that production calls, not copies of them.
pub(crate) const PRODUCTION: Rule = Rule {
    decide: Session::decide,
    rotated: Session::rotated,
    recovered: Session::recovered,
};
