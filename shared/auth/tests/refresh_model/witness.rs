//! The witness, which records what the check of a promise needs beyond the current state. The server never reads these
//! records.

use crate::promise::Promise;

/// The records of the witness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Witness {
    /// What happened to the current generation.
    pub(crate) current: HandOut,
    /// What happened to the previous generation.
    pub(crate) previous: HandOut,
    /// The last generation in which a late, spent token was answered with a token.
    pub(crate) late: Option<u8>,
    /// The first promise that was broken.
    pub(crate) broken: Option<Promise>,
}

/// What happened to a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HandOut {
    /// How many ticks ago the generation was first handed out.
    pub(crate) age: u8,
    /// Whether the owner lost the generation for longer than W.
    pub(crate) lost: bool,
    /// Whether the generation replaced one that a restored backup did not have. If so, the generation before it may be
    /// unspent.
    pub(crate) outran: bool,
}

impl Witness {
    /// Records a promise as broken, unless it was kept.
    pub(crate) fn expect(&mut self, promise: Promise, kept: bool) {
        if !kept {
            self.broken.get_or_insert(promise);
        }
    }

    /// Records that a server whose clock was `age` ticks behind handed out a new generation.
    pub(crate) fn hands_out(&mut self, age: u8, outran: bool) {
        self.previous = self.current;
        self.current = HandOut {
            age,
            lost: false,
            outran,
        };
    }

    /// Records which generations the owner has lost for longer than W. `behind` is how many generations the owner's
    /// tabs are behind the current one. The current or the previous generation is lost if the tabs do not have it, and
    /// if it was handed out more than `lost_after` ticks ago.
    pub(crate) fn loses(&mut self, behind: u8, lost_after: u8) {
        self.current.lost |= behind > 0 && self.current.age > lost_after;
        self.previous.lost |= behind > 1 && self.previous.age > lost_after;
    }

    /// Returns whether the owner has lost the answers of two consecutive generations for longer than W.
    pub(crate) fn lost_two_running(&self) -> bool {
        self.current.lost && self.previous.lost
    }
}

impl HandOut {
    /// Adds a tick to the age, up to `oldest`.
    pub(crate) fn tick(&mut self, oldest: u8) {
        self.age = self.age.saturating_add(1).min(oldest);
    }
}
