//! The size of the world. Within these bounds the model is exhaustive; time and the number of generations are
//! unbounded.

use auth::session::{Recovery, RefreshRule};
use claims::Span;

use crate::network::Network;

/// The bounds of one check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// W, in ticks.
    pub(crate) window: u8,
    /// How long requests and answers take.
    pub(crate) network: Network,
    /// How many ticks a server's clock may be behind, drawn again for each request. This covers clocks that differ or
    /// are set back.
    pub(crate) behind: u8,
    /// How many refreshes may be in progress at once: those of all tabs, retries, duplicates and the thief together.
    pub(crate) under_way: usize,
    /// The actors besides the owner's tabs.
    pub(crate) cast: &'static [Actor],
    /// How many generations may follow a backup.
    pub(crate) after_backup: u8,
}

/// The possible actors besides the owner's tabs and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Copies the owner's token once, presents any token that it has seen at any time, and learns every answer.
    Thief,
    /// Logs out: of this session, of all, or of all others.
    Logout,
    /// Disables the user, and enables the user again.
    Operator,
    /// Makes backups of the session and restores them.
    Backup,
    /// Lets the session expire.
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

    /// Returns whether an honest client is promised anything: nobody else has its tokens, and the network is fast.
    pub(crate) fn is_honest(&self) -> bool {
        !self.has(Actor::Thief) && !self.network.is_late()
    }

    /// The refresh rule of these bounds.
    pub(crate) fn rule(&self) -> RefreshRule {
        RefreshRule {
            window: Span::seconds(self.window.into()),
            recovery: Recovery::On,
        }
    }

    /// Returns the age from which on the rule does not distinguish ages, whichever clock is used.
    pub(crate) fn oldest(&self) -> u8 {
        self.window
            .saturating_mul(2)
            .saturating_add(self.network.slowest_answer())
            .saturating_add(self.behind)
            .saturating_add(1)
    }
}
