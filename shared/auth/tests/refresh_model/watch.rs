//! What the witness records at each step of the server. It relies on what it sees, not on the attributes of the
//! session.

use auth::session::Decision;

use crate::{item::Item, model::RefreshModel, promise::Promise, request::Request, witness::HandOut, world::World};

impl RefreshModel {
    /// Checks that a session that is over is not changed, and that two clients that are late in two consecutive
    /// generations are found out.
    pub(crate) fn watch_decision(&self, world: &mut World, request: Request, clock: u8, decision: Decision) {
        let found = world.item;
        let over = found.is_over(clock);
        let changes = matches!(decision, Decision::Rotate | Decision::Recover | Decision::Theft);
        let late_before = world.witness.late.is_some_and(|late| late < found.generation);
        let late_again = late_before && self.is_late(world, request, clock, found);
        world.witness.expect(Promise::Refusal, !(over && changes));
        world
            .witness
            .expect(Promise::Thief, over || !late_again || decision == Decision::Theft);
    }

    /// Records that a rotation handed out a generation of the `found` session.
    pub(crate) fn watch_rotation(&self, world: &mut World, request: Request, clock: u8, found: Item) {
        let outran = request.presented > found.generation;
        world.witness.hands_out(clock, outran);
        if !self.bounds.is_honest() {
            world.witness.previous = HandOut::default();
        }
    }

    /// Returns whether a spent token is presented later than W after the current generation was first handed out. Right
    /// after a restore this is unknown.
    pub(crate) fn is_late(&self, world: &World, request: Request, clock: u8, found: Item) -> bool {
        let HandOut { age, outran, .. } = world.witness.current;
        self.bounds.network.is_late()
            && !outran
            && request.presented < found.generation
            && age.saturating_sub(clock) > self.bounds.window
    }
}

impl World {
    /// Records that a token was handed out, for a `late` spent token of the generation before this one or for another,
    /// of a session that was `revoked` or was not.
    pub(crate) fn watch_answer(&mut self, request: Request, late: Option<u8>, revoked: bool) {
        self.witness.expect(Promise::Revoked, !revoked);
        self.witness.expect(Promise::Ended, !request.too_late);
        self.witness.late = late.or(self.witness.late);
    }
}
