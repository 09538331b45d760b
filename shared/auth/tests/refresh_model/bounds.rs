//! The bounds of a check. Within them, the model checker visits every state. Time and the number of generations have no
//! bounds.

use auth::session::{Recovery, RefreshRule};
use claims::Span;

use crate::network::Network;

/// The bounds of one check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The window of the refresh rule, W, in ticks.
    pub(crate) window: u8,
    /// How long requests and answers take.
    pub(crate) network: Network,
    /// The maximum number of ticks by which a server's clock may be behind. The number can differ for each request,
    /// because servers have different clocks, and a clock can be set back.
    pub(crate) behind: u8,
    /// The maximum number of refreshes in progress at once. The limit covers all tabs and the thief together, including
    /// retries and duplicates.
    pub(crate) under_way: usize,
    /// The actors in addition to the owner's tabs and the network.
    pub(crate) cast: &'static [Actor],
    /// The maximum number of generations by which the session may be ahead of its backup.
    pub(crate) after_backup: u8,
}

/// The possible actors in addition to the owner's tabs and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The thief copies the owner's token once, and receives every answer to the thief's own requests. The thief may
    /// present any token that they have seen, at any time.
    Thief,
    /// The owner logs out of this session, of all sessions, or of all other sessions.
    Logout,
    /// The operator disables the user and enables the user again.
    Operator,
    /// An operator backs up the session and restores the backup.
    Backup,
    /// The session expires.
    Expiry,
}

impl Bounds {
    /// Returns whether this actor takes part.
    pub(crate) fn has(&self, actor: Actor) -> bool {
        self.cast.contains(&actor)
    }

    /// Returns whether anybody changes the user. If nobody does, it makes no difference when a refresh reads the user.
    pub(crate) fn has_changing_user(&self) -> bool {
        self.has(Actor::Logout) || self.has(Actor::Operator)
    }

    /// Returns whether the promises to an honest client are checked. They are checked if nobody else has its tokens and
    /// no message is late.
    pub(crate) fn is_honest(&self) -> bool {
        !self.has(Actor::Thief) && !self.network.is_late()
    }

    /// Returns the parameters of the refresh rule in these bounds.
    pub(crate) fn rule(&self) -> RefreshRule {
        RefreshRule {
            window: Span::seconds(self.window.into()),
            recovery: Recovery::On,
        }
    }

    /// Returns the greatest age that the model stores, in ticks. The model needs no greater ages: on every clock within
    /// the bounds, the rule treats them like this one.
    pub(crate) fn oldest(&self) -> u8 {
        self.window
            .saturating_mul(2)
            .saturating_add(self.network.slowest_answer())
            .saturating_add(self.behind)
            .saturating_add(1)
    }
}
