//! The scenes of `scenes.rs` with larger bounds. Together they have 90 million states, and need minutes and gigabytes
//! of memory.

use crate::{
    bounds::{Actor, Bounds},
    network::Network,
    scenes,
};

pub(crate) const TABS: Bounds = Bounds {
    under_way: 6,
    ..scenes::TABS
};

pub(crate) const TABS_AND_CLOCKS: Bounds = Bounds {
    window: 5,
    network: Network::Prompt { request: 2, answer: 2 },
    ..scenes::TABS_AND_CLOCKS
};

pub(crate) const TABS_AND_ENDS: Bounds = Bounds {
    cast: &[Actor::Logout, Actor::Operator, Actor::Expiry],
    ..scenes::TABS_AND_LOGOUTS
};

pub(crate) const TABS_AND_BACKUPS: Bounds = Bounds {
    after_backup: 4,
    ..scenes::TABS_AND_BACKUPS
};

pub(crate) const THIEF: Bounds = Bounds {
    window: 3,
    ..scenes::THIEF
};

pub(crate) const THIEF_AND_CLOCKS: Bounds = Bounds {
    under_way: 2,
    ..scenes::THIEF_AND_CLOCKS
};

pub(crate) const THIEF_AND_ENDS: Bounds = Bounds {
    cast: &[Actor::Thief, Actor::Logout, Actor::Operator, Actor::Expiry],
    ..scenes::THIEF_AND_LOGOUTS
};

pub(crate) const THIEF_AND_BACKUPS: Bounds = Bounds {
    after_backup: 2,
    ..scenes::THIEF_AND_BACKUPS
};
