//! The server's steps, which are those of `auth::session::refresh`. The server reads its clock. It reads the user and
//! sends one conditional write, in either order. It compares the epochs of the user and the session. If they differ, it
//! reads the one with the lower epoch again. It sends at most one more write, and starts again if anything changed.
//! Requests interleave between any two steps.

use std::cmp::Ordering;

use auth::session::{Decision, Rotation, Session};

use crate::{
    item::{Item, NOW, ago},
    model::RefreshModel,
    promise::Promise,
    request::{Found, Next, Party, Request, Seen, Stage, Start},
    rule::Order,
    world::World,
};

/// Whether the server receives the answer to its write. If it does not, it sends the same write again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Yes,
    No,
}

impl RefreshModel {
    /// Reads the clock, and sends the read of the user and the write of the rotation.
    pub(crate) fn start(&self, world: &mut World, request: Request, behind: u8) {
        let begun = Request {
            left: self.bounds.network.time_to_answer(request.left),
            too_late: world.ended,
            stage: Stage::Begun(behind),
            ..request
        };
        if self.bounds.has_changing_user() {
            world.requests.push(begun);
        } else {
            self.read(world, begun);
        }
    }

    /// Reads the user, or reads the session again.
    pub(crate) fn read(&self, world: &mut World, request: Request) {
        let epoch = world.user.enabled.then_some(world.user.epoch);
        match request.stage {
            Stage::Begun(clock) => world.push(request, Stage::Read(Start { clock, epoch })),
            Stage::Moved(clock, found) => self.compare(world, request, Start { clock, epoch }, found),
            Stage::Doubting(start, found) => self.read_session(world, request, start, found),
            Stage::Sent | Stage::Read(_) | Stage::Recovering(..) | Stage::Revoking(_) | Stage::Answered(_) => {}
        }
    }

    /// Reads a session again because its epoch was lower than its user's. A logout of all other sessions may have
    /// raised both epochs between the read of the session and the read of the user.
    fn read_session(&self, world: &mut World, request: Request, start: Start, found: Found) {
        let item = world.item;
        if Some(item.epoch) < start.epoch || item.is_over(start.clock) {
            return self.refuse(world, start.clock, false);
        }
        if found.next == Next::AnswerRotated {
            let epoch = item.epoch;
            return self.compare(world, request, start, Found { epoch, ..found });
        }
        world.push(request, Stage::Read(start));
    }

    /// Sends the next write. Returns `None` if the write has no effect and its answer is lost, since this is the same
    /// as no write.
    pub(crate) fn write(&self, world: &mut World, request: Request, heard: Heard) -> Option<()> {
        let item = world.item;
        match request.stage {
            Stage::Begun(clock) => {
                if let Some(found) = self.rotate(world, request, clock, heard) {
                    world.push(request, Stage::Moved(clock, found));
                }
            }
            Stage::Read(start) => {
                if let Some(found) = self.rotate(world, request, start.clock, heard) {
                    self.compare(world, request, start, found);
                }
            }
            Stage::Recovering(start, seen) => self.recover(world, request, start, seen, heard),
            Stage::Revoking(_) => self.revoke(world, request, heard),
            Stage::Sent | Stage::Moved(..) | Stage::Doubting(..) | Stage::Answered(_) => {}
        }
        (heard == Heard::Yes || world.item != item).then_some(())
    }

    /// Sends the conditional write of a rotation, and decides about the session that the write found. Returns `None` if
    /// the write took effect but its answer is lost. The server then sends the write again.
    fn rotate(&self, world: &mut World, request: Request, clock: u8, heard: Heard) -> Option<Found> {
        let item = world.item;
        let (session, presented, now) = (item.session(), request.presented, ago(clock));
        let decision = self.decide(&session, presented, now);
        self.watch_decision(world, request, clock, decision);
        let late = self.is_late(world, request, clock, item).then_some(item.generation);
        if decision == Decision::Rotate {
            let rotation = Rotation { idle_expires_at: NOW };
            let rotated = (self.rule.rotated)(&session, presented.into(), now, &rotation);
            world.put(&session, &rotated);
            self.watch_rotation(world, request, clock, item);
            if heard == Heard::No {
                world.requests.push(request);
                return None;
            }
        }
        Some(Found {
            next: match decision {
                Decision::Rotate => Next::AnswerRotated,
                Decision::Repeat => Next::AnswerRepeated,
                Decision::Recover => Next::Recover,
                Decision::Theft => Next::Revoke,
                Decision::Refuse => Next::Refuse,
            },
            epoch: world.item.epoch,
            seen: Seen::of(world.item),
            late,
            revoked: item.revoked,
            over: item.is_over(clock),
        })
    }

    /// Compares the epochs, and goes on if they are the same. If the session's epoch is later, the user has to be read
    /// again.
    fn compare(&self, world: &mut World, request: Request, start: Start, found: Found) {
        if self.rule.order == Order::AccusesFirst && found.next == Next::Revoke {
            return world.push(request, Stage::Revoking(start));
        }
        let Some(epoch) = start.epoch else {
            return self.refuse(world, start.clock, false);
        };
        match ((self.rule.compare)(&found.epoch, &epoch), found.next) {
            (Ordering::Less, _) if self.rule.order == Order::RefusesAtOnce => self.refuse(world, start.clock, false),
            (Ordering::Less, _) => world.push(request, Stage::Doubting(start, found)),
            (Ordering::Equal, Next::Refuse) => self.refuse(world, start.clock, found.over),
            (Ordering::Greater, Next::AnswerRotated) => world.push(request, Stage::Moved(start.clock, found)),
            (Ordering::Greater, _) => world.push(request, Stage::Begun(start.clock)),
            (Ordering::Equal, Next::AnswerRotated | Next::AnswerRepeated) => {
                world.watch_answer(request, found.late, found.revoked);
                self.answer(world, request, found.seen.generation);
            }
            (Ordering::Equal, Next::Recover) => world.push(request, Stage::Recovering(start, found.seen)),
            (Ordering::Equal, Next::Revoke) => world.push(request, Stage::Revoking(start)),
        }
    }

    /// Sends the conditional write of a recovery. If anything has changed, the server decides again.
    fn recover(&self, world: &mut World, request: Request, start: Start, seen: Seen, heard: Heard) {
        let found = world.item;
        if Seen::of(found) != seen || found.revoked {
            return world.push(request, Stage::Read(start));
        }
        let session = found.session();
        let recovered = (self.rule.recovered)(&session, ago(start.clock));
        world.put(&session, &recovered);
        world
            .witness
            .expect(Promise::OneGeneration, same_token(&session, &recovered));
        if heard == Heard::No {
            return world.requests.push(request);
        }
        let late = self
            .is_late(world, request, start.clock, found)
            .then_some(found.generation);
        world.watch_answer(request, late, found.revoked);
        self.answer(world, request, found.generation);
    }

    /// Sends the write that revokes the session after a theft. It has no effect if the session is already revoked.
    fn revoke(&self, world: &mut World, request: Request, heard: Heard) {
        world.item.revoked = true;
        world.witness.expect(Promise::Honest, !self.bounds.is_honest());
        world.witness.expect(Promise::Refusal, !request.too_late);
        if heard == Heard::No {
            world.requests.push(request);
        }
    }

    /// Answers with the token of this generation.
    fn answer(&self, world: &mut World, request: Request, token: u8) {
        match request.by {
            Party::Thief => {
                world.loot.insert(token);
            }
            Party::Owner => {
                let left = self.bounds.network.time_to_return(request.left);
                world.push(Request { left, ..request }, Stage::Answered(token));
            }
        }
    }

    /// Refuses without another write, and checks that an honest client is refused only for a session that is or was
    /// over.
    fn refuse(&self, world: &mut World, clock: u8, was_over: bool) {
        let item = world.item;
        let over = was_over || item.is_over(clock) || item.epoch != world.user.epoch || !world.user.enabled;
        world.witness.expect(Promise::Honest, over || !self.bounds.is_honest());
    }
}

impl World {
    fn push(&mut self, request: Request, stage: Stage) {
        self.requests.push(Request { stage, ..request });
    }

    fn put(&mut self, found: &Session, put: &Session) {
        self.witness.expect(Promise::End, put.expires_at == found.expires_at);
        self.item = Item::of(put);
    }
}

/// Returns whether the current refresh tokens of both sessions are the same, byte for byte.
fn same_token(one: &Session, other: &Session) -> bool {
    let token = |session: &Session| (session.generation, session.issued_at, session.idle_expires_at);
    token(one) == token(other)
}
