//! The rule under test: the functions of production, or replacements for some of them.

use std::cmp::Ordering;

use auth::session::{Decision, RefreshRule, Rotation, Session};
use claims::Timestamp;

/// [`Session::decide`], or a replacement.
pub(crate) type Decide = fn(&Session, u64, Timestamp, &RefreshRule) -> Decision;

/// The functions that a server applies to a session and its user, and the order of its steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) decide: Decide,
    pub(crate) rotated: fn(&Session, u64, Timestamp, &Rotation) -> Session,
    pub(crate) recovered: fn(&Session, Timestamp) -> Session,
    /// Compares the session's epoch with its user's.
    pub(crate) compare: fn(&u8, &u8) -> Ordering,
    /// The order of the server's steps.
    pub(crate) order: Order,
    /// Returns the epoch that a user has after being disabled. The argument is the epoch before that.
    pub(crate) disabled: fn(u8) -> u8,
}

/// The order of the server's steps: that of production, or a wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The order of `auth::session::refresh`.
    Production,
    /// A theft is dealt with before the epochs are compared.
    AccusesFirst,
    /// A session whose epoch is lower than its user's is refused at once: it is not read again.
    RefusesAtOnce,
}

/// The rule of production. The three functions about sessions are those that production calls, not copies of them.
pub(crate) const PRODUCTION: Rule = Rule {
    decide: Session::decide,
    rotated: Session::rotated,
    recovered: Session::recovered,
    compare: u8::cmp,
    order: Order::Production,
    disabled: |epoch| epoch.saturating_add(1),
};
