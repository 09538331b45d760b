//! How large the world is. Within these bounds the model is exhaustive; time and the number of generations have none.

use auth::session::{Recovery, RefreshRule};
use claims::Seconds;

use crate::network::Network;

/// The bounds of one check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// W, in ticks.
    pub(crate) window: u8,
    /// How long requests and answers take.
    pub(crate) network: Network,
    /// How many ticks a server's clock may be behind, on each request anew: clocks that disagree or step back.
    pub(crate) behind: u8,
    /// How many refreshes may be under way at once: those of all tabs, retries, duplicates and the thief's together.
    pub(crate) under_way: usize,
    /// Who acts beside the owner's tabs.
    pub(crate) cast: &'static [Actor],
    /// How many generations may follow a backup.
    pub(crate) after_backup: u8,
}

/// Who or what may act beside the owner's tabs and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Copies the owner's token once, presents any token that it has seen at any time, and learns every answer to it.
    Thief,
    /// Logs out: of this session, of all, or of all others.
    Logout,
    /// Disables the user.
    Operator,
    /// Makes backups of the session and restores them.
    Backup,
    /// Lets the session expire.
    Expiry,
}

impl Bounds {
    /// Whether this actor acts.
    pub(crate) fn has(&self, actor: Actor) -> bool {
        self.cast.contains(&actor)
    }

    /// Whether an honest client is promised anything here: nobody else has its tokens, and the network is fast.
    pub(crate) fn is_honest(&self) -> bool {
        !self.has(Actor::Thief) && !self.network.is_late()
    }

    /// The two numbers of the rule.
    pub(crate) fn rule(&self) -> RefreshRule {
        RefreshRule {
            window: Seconds::new(self.window.into()),
            recovery: Recovery::On,
        }
    }

    /// The age from which on all ages are the same to the rule, whichever clock reads them.
    pub(crate) fn oldest(&self) -> u8 {
        self.window
            .saturating_mul(2)
            .saturating_add(self.network.slowest_answer())
            .saturating_add(self.behind)
            .saturating_add(1)
    }
}
