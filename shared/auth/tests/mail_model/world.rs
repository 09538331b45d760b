//! A state of the model: everything that matters at one moment.

use std::collections::{BTreeMap, BTreeSet};

use crate::promise::Promise;

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Who {
    Owner,
    Attacker,
}

/// An address, and its mailbox. The owner reads both. Once the owner has moved away from the first one, it is the
/// attacker who reads it, with all the letters in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Address {
    First,
    Second,
}

/// Why a mail is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Purpose {
    Register,
    Reset,
}

/// A request for mail. Its index in [`World::requests`] is its id, and the id of the user who registers with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Request {
    pub(crate) purpose: Purpose,
    pub(crate) address: Address,
    /// Who has the answer, with which a code is valid.
    pub(crate) by: Who,
    pub(crate) asked_at: u8,
    /// How often the stream may still deliver it.
    pub(crate) deliveries: u8,
}

/// A letter in a mailbox, with a link and a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Letter {
    pub(crate) request: usize,
    /// The user and the time of their password, to which a reset is bound.
    pub(crate) bound: Option<(usize, u8)>,
    /// How often the password had been set when the letter was written. The service does not know this number.
    pub(crate) changes: u8,
}

/// A user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Account {
    pub(crate) user: usize,
    pub(crate) password_changed_at: u8,
    /// Who set the password.
    pub(crate) set_by: Who,
    /// How often the password was set. The service does not know this number.
    pub(crate) changes: u8,
}

/// All addresses, mailboxes and requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: u8,
    pub(crate) accounts: BTreeMap<Address, Account>,
    pub(crate) requests: Vec<Request>,
    pub(crate) letters: BTreeSet<Letter>,
    /// Whether the owner has moved from the first to the second address.
    pub(crate) moved: bool,
    /// What happened so far that is meant to happen.
    pub(crate) seen: BTreeSet<Sight>,
    /// The first promise that was broken.
    pub(crate) broken: Option<Promise>,
}

/// Something that is meant to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sight {
    Registration,
    ResetByLink,
    ResetByCode,
    ResetAfterMove,
}

/// The id of the owner, if there is an account at the beginning. No request has it.
pub(crate) const FIRST_USER: usize = usize::MAX;

impl World {
    pub(crate) fn new(account: Option<Address>) -> Self {
        let first = Account {
            user: FIRST_USER,
            password_changed_at: 0,
            set_by: Who::Owner,
            changes: 0,
        };
        Self {
            accounts: account.map(|address| (address, first)).into_iter().collect(),
            ..Self::default()
        }
    }

    /// Returns whether somebody reads a mailbox.
    pub(crate) fn reads(&self, who: Who, address: Address) -> bool {
        let is_abandoned = self.moved && address == Address::First;
        (who == Who::Attacker) == is_abandoned
    }

    /// Returns the address to which a letter went.
    pub(crate) fn mailbox(&self, letter: Letter) -> Option<Address> {
        self.requests.get(letter.request).map(|request| request.address)
    }

    /// Records a promise as broken, unless it was kept.
    pub(crate) fn expect(&mut self, promise: Promise, is_kept: bool) {
        if !is_kept {
            self.broken.get_or_insert(promise);
        }
    }
}
