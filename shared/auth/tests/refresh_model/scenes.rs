//! The scenes: the bounds within which the tests visit every state.

use crate::{
    bounds::{Actor, Bounds},
    network::Network,
};

/// The owner's tabs on a network that only just meets the condition of
/// [`Promise::Honest`](crate::promise::Promise::Honest): the slowest request and the slowest answer together take W.
pub(crate) const TABS: Bounds = Bounds {
    window: 2,
    network: Network::Prompt { request: 1, answer: 1 },
    behind: 0,
    under_way: 4,
    cast: &[],
    after_backup: 0,
};

/// [`TABS`] with at most three refreshes at a time and one more tick in W. In this additional tick, a lost answer can
/// be requested again.
pub(crate) const TABS_IN_TIME: Bounds = Bounds {
    window: 3,
    under_way: 3,
    ..TABS
};

/// [`TABS`] with at most three refreshes at a time, on servers whose clocks differ by a tick. W is longer by this tick.
pub(crate) const TABS_AND_CLOCKS: Bounds = Bounds {
    window: 3,
    behind: 1,
    under_way: 3,
    ..TABS
};

/// [`TABS`] with at most two refreshes at a time, while the owner logs out in every way.
pub(crate) const TABS_AND_LOGOUTS: Bounds = Bounds {
    under_way: 2,
    cast: &[Actor::Logout],
    ..TABS
};

/// [`TABS`] with at most two refreshes at a time, while the user is disabled and enabled.
pub(crate) const TABS_AND_OPERATOR: Bounds = Bounds {
    cast: &[Actor::Operator],
    ..TABS_AND_LOGOUTS
};

/// [`TABS`] with at most two refreshes at a time, while the session expires.
pub(crate) const TABS_AND_EXPIRY: Bounds = Bounds {
    cast: &[Actor::Expiry],
    ..TABS_AND_LOGOUTS
};

/// [`TABS`] with at most three refreshes at a time and backups that are restored while no refresh is under way.
pub(crate) const TABS_AND_BACKUPS: Bounds = Bounds {
    under_way: 3,
    cast: &[Actor::Backup],
    after_backup: 2,
    ..TABS
};

/// The owner's tabs on a network on which a request and its own answer together may take W.
/// [`Promise::Honest`](crate::promise::Promise::Honest) does not cover this, because a slow request can follow a slow
/// answer.
pub(crate) const TABS_AND_SLOW_REQUESTS: Bounds = Bounds {
    network: Network::Pairs { both: 2 },
    under_way: 2,
    ..TABS
};

/// The owner and a thief on a network on which every message may be late.
pub(crate) const THIEF: Bounds = Bounds {
    window: 2,
    network: Network::Late { function: 1 },
    behind: 0,
    under_way: 2,
    cast: &[Actor::Thief],
    after_backup: 0,
};

/// [`THIEF`] with at most one refresh at a time, on servers whose clocks differ by a tick.
pub(crate) const THIEF_AND_CLOCKS: Bounds = Bounds {
    behind: 1,
    under_way: 1,
    ..THIEF
};

/// [`THIEF`] with at most one refresh at a time, while the owner logs out in every way.
pub(crate) const THIEF_AND_LOGOUTS: Bounds = Bounds {
    under_way: 1,
    cast: &[Actor::Thief, Actor::Logout],
    ..THIEF
};

/// [`THIEF`] with at most one refresh at a time, while the user is disabled and enabled.
pub(crate) const THIEF_AND_OPERATOR: Bounds = Bounds {
    cast: &[Actor::Thief, Actor::Operator],
    ..THIEF_AND_LOGOUTS
};

/// [`THIEF`] with at most one refresh at a time, while the session expires.
pub(crate) const THIEF_AND_EXPIRY: Bounds = Bounds {
    cast: &[Actor::Thief, Actor::Expiry],
    ..THIEF_AND_LOGOUTS
};

/// [`THIEF`] with at most one refresh at a time and backups that are restored at any moment.
pub(crate) const THIEF_AND_BACKUPS: Bounds = Bounds {
    under_way: 1,
    cast: &[Actor::Thief, Actor::Backup],
    after_backup: 1,
    ..THIEF
};
