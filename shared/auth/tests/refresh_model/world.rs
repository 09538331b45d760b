//! A state of the model: everything that matters at one moment.

use std::collections::BTreeSet;

use crate::{
    item::Item,
    request::Request,
    witness::{HandOut, Witness},
};

/// The rule treats all tokens alike that are at least this many generations behind the stored session.
const FURTHEST_BEHIND: u8 = 3;

/// A session, its owner's tabs, the thief, and the messages between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// The stored session.
    pub(crate) item: Item,
    pub(crate) backup: Option<Backup>,
    pub(crate) user: User,
    /// Whether all sessions of the user were ended, by a logout of all sessions or because the user was disabled.
    pub(crate) ended: bool,
    /// The generation of the token in the cookie jar that all tabs of the owner share.
    pub(crate) jar: u8,
    /// The generations of the tokens that the thief has seen.
    pub(crate) loot: BTreeSet<u8>,
    /// The refreshes in progress. Their order has no meaning.
    pub(crate) requests: Vec<Request>,
    pub(crate) witness: Witness,
}

/// The attributes of the user that a refresh reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct User {
    pub(crate) enabled: bool,
    pub(crate) epoch: u8,
}

/// A backup: the stored session, and what had happened to its generations when the backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Backup {
    pub(crate) item: Item,
    pub(crate) current: HandOut,
    pub(crate) previous: HandOut,
}

impl World {
    /// Returns the world right after login.
    pub(crate) fn login() -> Self {
        Self {
            item: Item::LOGIN,
            backup: None,
            user: User {
                enabled: true,
                epoch: 0,
            },
            ended: false,
            jar: 0,
            loot: BTreeSet::new(),
            requests: Vec::new(),
            witness: Witness::default(),
        }
    }

    /// Makes everything a tick older. Returns `None` if a message has to arrive first.
    pub(crate) fn tick(&mut self, oldest: u8) -> Option<()> {
        for request in &mut self.requests {
            request.tick(oldest)?;
        }
        self.item.tick(oldest);
        self.witness.current.tick(oldest);
        self.witness.previous.tick(oldest);
        if let Some(backup) = &mut self.backup {
            backup.item.tick(oldest);
            backup.current.tick(oldest);
            backup.previous.tick(oldest);
        }
        Some(())
    }

    /// Brings this world into a normal form, so that worlds that the rule does not distinguish are equal. Generations
    /// are counted from the earliest one that matters, and requests are sorted.
    pub(crate) fn settle(&mut self) {
        let earliest = self.backup.map_or(u8::MAX, |backup| backup.item.generation);
        let base = self.item.generation.min(earliest).saturating_sub(FURTHEST_BEHIND);
        self.forget_what_is_past();
        if base > 0 {
            self.count_from(base);
        }
        self.requests.sort_unstable();
    }

    /// Forgets a recovery and a late replay that are at least two generations old, since they do not matter any more.
    fn forget_what_is_past(&mut self) {
        let current = self.item.generation;
        let matters = |generation: &u8| generation.saturating_add(1) >= current;
        self.item.recovered = self.item.recovered.filter(matters);
        self.witness.late = self.witness.late.filter(matters);
    }

    fn count_from(&mut self, base: u8) {
        self.item.count_from(base);
        if let Some(backup) = &mut self.backup {
            backup.item.count_from(base);
        }
        for request in &mut self.requests {
            request.count_from(base);
        }
        self.jar = self.jar.saturating_sub(base);
        self.loot = self.loot.iter().map(|seen| seen.saturating_sub(base)).collect();
        self.witness.late = self.witness.late.map(|late| late.saturating_sub(base));
    }
}
