//! What an onlooker has noted, for the promises that one moment alone cannot show. The server never reads it.

use crate::promise::Promise;

/// The onlooker's notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Witness {
    /// What became of the current generation.
    pub(crate) current: HandOut,
    /// What became of the one before it.
    pub(crate) previous: HandOut,
    /// The last generation in which a spent token came late and was answered with a token.
    pub(crate) late: Option<u8>,
    /// The first promise that was broken.
    pub(crate) broken: Option<Promise>,
}

/// What became of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HandOut {
    /// How long ago it was handed out first.
    pub(crate) age: u8,
    /// Whether the owner lost it for longer than W.
    pub(crate) lost: bool,
    /// Whether it followed a generation which the restored backup did not know, and so perhaps one that is not spent.
    pub(crate) outran: bool,
}

impl Witness {
    /// Notes a promise as broken, unless it was kept.
    pub(crate) fn expect(&mut self, promise: Promise, kept: bool) {
        if !kept {
            self.broken.get_or_insert(promise);
        }
    }

    /// Notes that a generation was handed out, by a clock that showed the time of `age` ticks ago.
    pub(crate) fn hands_out(&mut self, age: u8, outran: bool) {
        self.previous = self.current;
        self.current = HandOut {
            age,
            lost: false,
            outran,
        };
    }

    /// Notes which generations the owner lost for longer than W: the current one or the one before it, when it was
    /// handed out longer than `lost_after` ago and the owner's tabs are still `behind` it.
    pub(crate) fn loses(&mut self, behind: u8, lost_after: u8) {
        self.current.lost |= behind > 0 && self.current.age > lost_after;
        self.previous.lost |= behind > 1 && self.previous.age > lost_after;
    }

    /// Whether the owner lost the answers of two generations running for longer than W.
    pub(crate) fn lost_two_running(&self) -> bool {
        self.current.lost && self.previous.lost
    }
}

impl HandOut {
    /// Makes it a tick older.
    pub(crate) fn tick(&mut self, oldest: u8) {
        self.age = self.age.saturating_add(1).min(oldest);
    }
}
