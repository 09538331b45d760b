//! The server's steps, which are those of `auth::session::refresh` in the same order. The server reads the clock and
//! the user, then sends one conditional write and at most one more. It starts again if anything has changed. Other
//! requests can come between any two steps.

use auth::session::{Decision, Rotation, Session};

use crate::{
    item::{Item, NOW, ago},
    model::RefreshModel,
    promise::Promise,
    request::{Party, Request, Seen, Stage, Start},
    world::World,
};

/// Whether the server receives the answer to its write. If it does not, it sends the same write again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Yes,
    No,
}

impl RefreshModel {
    /// Starts a request: the server reads the clock and the user.
    pub(crate) fn start(&self, world: &mut World, request: Request, behind: u8) {
        let left = self.bounds.network.time_to_answer(request.left);
        self.read_user(world, Request { left, ..request }, behind);
    }

    /// Reads the user, and refuses the request if the user is disabled.
    fn read_user(&self, world: &mut World, request: Request, clock: u8) {
        if !world.user.enabled {
            return self.refuse(world, clock);
        }
        let epoch = world.user.epoch;
        world.push(request, Stage::Started(Start { clock, epoch }));
    }

    /// Sends the next write. Returns `None` if the write has no effect and its answer is lost, since this is the same
    /// as no write.
    pub(crate) fn write(&self, world: &mut World, request: Request, heard: Heard) -> Option<()> {
        let found = world.item;
        match request.stage {
            Stage::Started(start) => self.rotate(world, request, start, heard),
            Stage::Recovering(start, seen) => self.recover(world, request, start, seen, heard),
            Stage::Revoking(_) => self.revoke(world, request, heard),
            Stage::Sent | Stage::Answered(_) => {}
        }
        (heard == Heard::Yes || world.item != found).then_some(())
    }

    /// Sends the conditional write of a rotation. If the condition fails, the server decides about the session that it
    /// found.
    fn rotate(&self, world: &mut World, request: Request, start: Start, heard: Heard) {
        let found = world.item;
        if found.epoch > start.epoch {
            return self.read_user(world, request, start.clock);
        }
        if found.epoch < start.epoch {
            return self.refuse(world, start.clock);
        }
        let (session, presented, now) = (found.session(), request.presented, ago(start.clock));
        let decision = self.decide(&session, presented, now);
        self.watch_decision(world, request, start, decision);
        match decision {
            Decision::Rotate => {
                let rotation = Rotation { idle_expires_at: NOW };
                let rotated = (self.rule.rotated)(&session, presented.into(), now, &rotation);
                world.put(&session, &rotated);
                self.watch_rotation(world, request, start, found);
                self.answer(world, request, start, found, heard);
            }
            Decision::Repeat => self.answer(world, request, start, found, Heard::Yes),
            Decision::Recover => world.push(request, Stage::Recovering(start, Seen::of(found))),
            Decision::Theft => world.push(request, Stage::Revoking(start)),
            Decision::Refuse => self.refuse(world, start.clock),
        }
    }

    /// Sends the conditional write of a recovery. If anything has changed, the server decides again.
    fn recover(&self, world: &mut World, request: Request, start: Start, seen: Seen, heard: Heard) {
        let found = world.item;
        if Seen::of(found) != seen || found.revoked {
            return world.push(request, Stage::Started(start));
        }
        let session = found.session();
        let recovered = (self.rule.recovered)(&session, ago(start.clock));
        world.put(&session, &recovered);
        world
            .witness
            .expect(Promise::OneGeneration, same_token(&session, &recovered));
        self.answer(world, request, start, found, heard);
    }

    /// Sends the write that revokes the session after a theft. It has no effect if the session is already revoked.
    fn revoke(&self, world: &mut World, request: Request, heard: Heard) {
        world.item.revoked = true;
        world.witness.expect(Promise::Honest, !self.bounds.is_honest());
        if heard == Heard::No {
            world.requests.push(request);
        }
    }

    /// Answers with the current token, after a decision about the `found` session. If the server did not receive the
    /// answer to its write, it sends the write again.
    fn answer(&self, world: &mut World, request: Request, start: Start, found: Item, heard: Heard) {
        if heard == Heard::No {
            return world.requests.push(request);
        }
        self.watch_answer(world, request, start, found);
        let token = world.item.generation;
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

    /// Refuses a request and changes nothing.
    fn refuse(&self, world: &mut World, clock: u8) {
        let item = world.item;
        let over = item.is_over(clock) || item.epoch != world.user.epoch || !world.user.enabled;
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
