//! The onlooker's notes, for the promises that a single state cannot show. The server never reads them.

use crate::promise::Promise;

/// The onlooker's notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Witness {
    /// What happened to the current generation.
    pub(crate) current: HandOut,
    /// What happened to the one before it.
    pub(crate) previous: HandOut,
    /// The last generation in which a late spent token was answered with a token.
    pub(crate) late: Option<u8>,
    /// The first promise that was broken.
    pub(crate) broken: Option<Promise>,
}

/// What happened to a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HandOut {
    /// How long ago it was first handed out.
    pub(crate) age: u8,
    /// Whether the owner lost it for longer than W.
    pub(crate) lost: bool,
    /// Whether it followed a generation that the restored backup did not have. The generation before may then not be
    /// spent.
    pub(crate) outran: bool,
}

impl Witness {
    /// Records a promise as broken, unless it was kept.
    pub(crate) fn expect(&mut self, promise: Promise, kept: bool) {
        if !kept {
            self.broken.get_or_insert(promise);
        }
    }

    /// Records that a generation was handed out, by a clock that was `age` ticks behind.
    pub(crate) fn hands_out(&mut self, age: u8, outran: bool) {
        self.previous = self.current;
        self.current = HandOut {
            age,
            lost: false,
            outran,
        };
    }

    /// Records which generations the owner lost for longer than W: the current one or the one before, if it was handed
    /// out longer than `lost_after` ago and the owner's tabs are still `behind` it.
    pub(crate) fn loses(&mut self, behind: u8, lost_after: u8) {
        self.current.lost |= behind > 0 && self.current.age > lost_after;
        self.previous.lost |= behind > 1 && self.previous.age > lost_after;
    }

    /// Returns whether the owner lost the answers of two consecutive generations for longer than W.
    pub(crate) fn lost_two_running(&self) -> bool {
        self.current.lost && self.previous.lost
    }
}

impl HandOut {
    /// Makes everything a tick older.
    pub(crate) fn tick(&mut self, oldest: u8) {
        self.age = self.age.saturating_add(1).min(oldest);
    }
}
