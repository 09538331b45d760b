//! The acts: everything that somebody or the network can do next, and what the service makes of it.

use auth::mail::{MailRecord, Queueing};

use crate::{
    model::MailModel,
    promise::Promise,
    rule::{Taken, at, binding, credentials, pseudonym, seconds},
    world::{Account, Address, Letter, Purpose, Request, Sight, Who, World},
};

/// One thing that can happen. Requests are identified by their index in [`World::requests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Anyone requests a mail to any address.
    Ask(Who, Purpose, Address),
    /// The stream delivers a request, for the first time or again, early or late.
    Deliver(usize),
    /// A scanner opens the link of a letter, without a password.
    Open(Letter),
    /// Somebody sends the link of a letter that they read, and a new password.
    Follow(Who, Letter),
    /// Somebody types the code of a letter that they read, with a request that they made, and a new password.
    Type(Who, Letter, usize),
    /// The owner, who is logged in, changes the password.
    Change(Address),
    /// An operator moves the owner to the second address. From then on, the attacker reads the first mailbox.
    Move,
    /// A second passes.
    Tick,
}

impl MailModel {
    /// Adds all possible acts to `acts`.
    pub(crate) fn acts(&self, world: &World, acts: &mut Vec<Act>) {
        let both = [Who::Owner, Who::Attacker];
        for &purpose in self.bounds.purposes {
            for &address in self.bounds.addresses {
                acts.extend(both.map(|who| Act::Ask(who, purpose, address)));
            }
        }
        let waiting = world
            .requests
            .iter()
            .enumerate()
            .filter(|(_, request)| request.deliveries > 0);
        acts.extend(waiting.map(|(request, _)| Act::Deliver(request)));
        for &letter in &world.letters {
            acts.push(Act::Open(letter));
            let readers = both.into_iter();
            for who in readers.filter(|who| world.mailbox(letter).is_some_and(|mailbox| world.reads(*who, mailbox))) {
                acts.push(Act::Follow(who, letter));
                let own = world
                    .requests
                    .iter()
                    .enumerate()
                    .filter(|(_, request)| request.by == who);
                acts.extend(own.map(|(request, _)| Act::Type(who, letter, request)));
            }
        }
        let owned = world
            .accounts
            .iter()
            .filter(|(_, account)| account.set_by == Who::Owner);
        acts.extend(owned.map(|(address, _)| Act::Change(*address)));
        acts.push(Act::Move);
        if world.now < self.bounds.seconds {
            acts.push(Act::Tick);
        }
    }

    pub(crate) fn perform(&self, world: &mut World, act: Act) {
        match act {
            Act::Ask(by, purpose, address) => self.ask(world, by, purpose, address),
            Act::Deliver(request) => deliver(world, request),
            Act::Open(letter) => self.open(world, letter),
            Act::Follow(who, letter) => self.follow(world, who, letter),
            Act::Type(who, letter, request) => self.enter(world, who, letter, request),
            Act::Change(address) => {
                let Some(account) = world.accounts.get(&address).copied() else {
                    return;
                };
                if account.changes == 0 {
                    self.set(world, Who::Owner, address, account);
                }
            }
            Act::Move => {
                if world.accounts.contains_key(&Address::Second) {
                    return;
                }
                if let Some(account) = world.accounts.remove(&Address::First) {
                    world.accounts.insert(Address::Second, account);
                    world.moved = true;
                }
            }
            Act::Tick => world.now = world.now.saturating_add(1),
        }
    }

    fn ask(&self, world: &mut World, by: Who, purpose: Purpose, address: Address) {
        let asked: Vec<Request> = world
            .requests
            .iter()
            .filter(|request| request.address == address)
            .copied()
            .collect();
        if asked.len() >= self.bounds.requests {
            return;
        }
        let mut record: Option<MailRecord> = None;
        for (number, request) in asked.iter().enumerate() {
            record = Some(MailRecord::asked(record.as_ref(), &id(number), at(request.asked_at)));
        }
        let queueing = record.map(|record| (self.rule.admit)(&record, &id(asked.len()), at(world.now)));
        if matches!(queueing, None | Some(Queueing::Queued)) {
            world.requests.push(Request {
                purpose,
                address,
                by,
                asked_at: world.now,
                deliveries: self.bounds.deliveries,
            });
        }
    }

    fn open(&self, world: &mut World, letter: Letter) {
        let Some(request) = world.requests.get(letter.request).copied() else {
            return;
        };
        if self.rule.opening_confirms {
            self.register(world, request.by, letter.request, request.address, letter);
        }
    }

    fn follow(&self, world: &mut World, who: Who, letter: Letter) {
        let Some(request) = world.requests.get(letter.request).copied() else {
            return;
        };
        let Some((user, changed_at)) = letter.bound else {
            return self.register(world, who, letter.request, request.address, letter);
        };
        let bound = binding(changed_at, request.address);
        let found = world.accounts.iter().find(|(_, account)| account.user == user);
        let Some((address, account)) = found.map(|(address, account)| (*address, *account)) else {
            return;
        };
        if (self.rule.is_bound)(&bound, &credentials(account), &pseudonym(address)) {
            let sight = if world.moved {
                Sight::ResetAfterMove
            } else {
                Sight::ResetByLink
            };
            self.see(world, sight);
            self.accept(world, who, address, account, letter);
        }
    }

    /// Checks a code. It is computed from the request, and for a reset from the user who has the address of the request,
    /// and from the time of their password.
    fn enter(&self, world: &mut World, who: Who, letter: Letter, presented: usize) {
        let [Some(request), Some(made_for)] =
            [presented, letter.request].map(|place| world.requests.get(place).copied())
        else {
            return;
        };
        let is_same = letter.request == presented || self.rule.code_of_any_request;
        if !is_same || request.purpose != made_for.purpose {
            return;
        }
        let Some(bound) = letter.bound else {
            return self.register(world, who, presented, request.address, letter);
        };
        let Some(account) = world.accounts.get(&request.address).copied() else {
            return;
        };
        if bound == (account.user, account.password_changed_at) {
            self.see(world, Sight::ResetByCode);
            self.accept(world, who, request.address, account, letter);
        }
    }

    fn register(&self, world: &mut World, who: Who, user: usize, address: Address, letter: Letter) {
        let before = world.accounts.get(&address).copied();
        let is_user = world.accounts.values().any(|account| account.user == user);
        match (before, self.rule.taken) {
            (None, _) if !is_user => {
                self.see(world, Sight::Registration);
                let reads = world.reads(who, address);
                world.expect(Promise::Mailbox, reads);
                let new = Account {
                    user,
                    password_changed_at: world.now,
                    set_by: who,
                    changes: 0,
                };
                world.accounts.insert(address, new);
            }
            (Some(own), Taken::SetsOwn) if own.user == user => self.accept(world, who, address, own, letter),
            (Some(other), Taken::Replaces) => {
                world.expect(Promise::Kept, other.user == user);
                world.accounts.insert(address, Account { user, ..other });
            }
            _ => {}
        }
    }

    /// Records that something happened that is meant to, if that is what the check is about.
    fn see(&self, world: &mut World, sight: Sight) {
        if self.watches {
            world.seen.insert(sight);
        }
    }

    /// Sets the password of an account because a proof was accepted.
    fn accept(&self, world: &mut World, who: Who, address: Address, account: Account, letter: Letter) {
        let is_over = letter.changes != account.changes || letter.bound.is_none();
        let is_present = world.mailbox(letter) == Some(address);
        let reads = world.reads(who, address);
        world.expect(Promise::Over, !is_over);
        world.expect(Promise::Present, is_present);
        world.expect(Promise::Mailbox, reads);
        self.set(world, who, address, account);
    }

    fn set(&self, world: &mut World, who: Who, address: Address, account: Account) {
        let next = (self.rule.next_change)(&credentials(account), at(world.now).timestamp());
        let changed = Account {
            password_changed_at: seconds(next),
            set_by: who,
            changes: account.changes.saturating_add(1),
            ..account
        };
        world.accounts.insert(address, changed);
    }
}

/// Writes the letter that a request leads to, if there is one.
fn deliver(world: &mut World, place: usize) {
    let Some(request) = world.requests.get_mut(place) else {
        return;
    };
    request.deliveries = request.deliveries.saturating_sub(1);
    let request = *request;
    let holder = world.accounts.get(&request.address).copied();
    let letter = match (request.purpose, holder) {
        (Purpose::Register, None) => Letter {
            request: place,
            bound: None,
            changes: 0,
        },
        (Purpose::Reset, Some(account)) => Letter {
            request: place,
            bound: Some((account.user, account.password_changed_at)),
            changes: account.changes,
        },
        (Purpose::Register, Some(_)) | (Purpose::Reset, None) => return,
    };
    world.letters.insert(letter);
}

fn id(number: usize) -> claims::TokenId {
    number.to_string().parse().unwrap()
}
