//! The state of a model: what is stored about the owner, what the owner has, and what has happened.

use std::collections::{BTreeMap, BTreeSet};

use auth::factor::RecoveryCode;

use crate::{
    promise::{Promise, Sight},
    service::NOW,
};

/// The offset of a step that is too old for its code to be accepted. The model does not distinguish such steps.
pub(crate) const OLD: i64 = -2;

/// What a thief has from the beginning. A thief never has a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Thief {
    /// Whether the thief knows the first password.
    pub(crate) password: bool,
    /// Whether the thief reads the owner's mail.
    pub(crate) mail: bool,
}

/// The failures that are counted in one record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Failures {
    pub(crate) all: u64,
    pub(crate) lanes: BTreeMap<String, u64>,
}

/// The password and the epoch that the owner had when a session was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Opened {
    pub(crate) epoch: u64,
    pub(crate) changed_at: u64,
}

/// The state of a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) thief: Thief,
    /// How often the password was set by mail. This is also the owner's epoch.
    pub(crate) epoch: u64,
    /// When the password was set.
    pub(crate) changed_at: u64,
    /// The stored step of the last accepted code, counted from the present step.
    pub(crate) last_step: i64,
    /// The stored hashes of recovery codes, by slot.
    pub(crate) hashes: BTreeMap<u8, Vec<u8>>,
    /// The stored failures, by the key of the record.
    pub(crate) records: BTreeMap<String, Failures>,
    /// The stored sessions, by id.
    pub(crate) sessions: BTreeMap<&'static str, Opened>,
    /// The recovery codes that the owner has, by slot.
    pub(crate) paper: BTreeMap<u8, String>,
    /// The recovery codes that were accepted. The service does not have them.
    pub(crate) spent: BTreeSet<String>,
    /// The latest step whose code was accepted, counted from the present step. The service does not have it.
    pub(crate) accepted: i64,
    /// How many wrong codes were checked after a password, since a code or recovery code was accepted after it or it was
    /// changed. The service does not have this number.
    pub(crate) after_password: u64,
    /// How many wrong codes were checked after a link, since a code or recovery code was accepted after one.
    pub(crate) after_mail: u64,
    /// What happened so far that is meant to happen, if the check is about that.
    pub(crate) seen: BTreeSet<Sight>,
    /// The first promise that was broken.
    pub(crate) broken: Option<Promise>,
}

impl World {
    pub(crate) fn new(thief: Thief) -> Self {
        let Opened { epoch, changed_at } = Self::first_password();
        let paper = BTreeMap::from([(0, first_code(0)), (1, first_code(1))]);
        let hash = |text: &String| RecoveryCode::parse(text).unwrap().hash().as_bytes().to_vec();
        Self {
            thief,
            epoch,
            changed_at,
            last_step: OLD,
            hashes: paper.iter().map(|(slot, text)| (*slot, hash(text))).collect(),
            records: BTreeMap::new(),
            sessions: BTreeMap::new(),
            paper,
            spent: BTreeSet::new(),
            accepted: OLD,
            after_password: 0,
            after_mail: 0,
            seen: BTreeSet::new(),
            broken: None,
        }
    }

    /// Returns the epoch and the time of the first password.
    pub(crate) const fn first_password() -> Opened {
        Opened {
            epoch: 0,
            changed_at: NOW.timestamp().get().saturating_sub(60),
        }
    }

    /// Returns whether the thief knows the present password.
    pub(crate) const fn is_known(&self) -> bool {
        self.thief.password && self.epoch == 0
    }

    /// Half a minute passes.
    pub(crate) fn wait(&mut self) {
        for step in [&mut self.last_step, &mut self.accepted] {
            *step = step.saturating_sub(1).max(OLD);
        }
    }

    /// Records a promise as broken, unless it was kept.
    pub(crate) fn expect(&mut self, promise: Promise, is_kept: bool) {
        if !is_kept {
            self.broken.get_or_insert(promise);
        }
    }
}

/// Returns the first recovery code of a slot.
fn first_code(slot: u8) -> String {
    format!("{slot}-AAAAAA-BBBBBB-CCCCCC-DDDDDD")
}
