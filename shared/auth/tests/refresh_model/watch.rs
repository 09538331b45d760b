//! What the witness records at each step of the server. It relies on what it sees, not on the attributes of the
//! session.

use auth::session::Decision;

use crate::{
    item::Item,
    model::RefreshModel,
    promise::Promise,
    request::{Request, Start},
    witness::HandOut,
    world::World,
};

impl RefreshModel {
    /// Checks that a session that is over is not changed, and that a theft is detected if two clients are late in two
    /// consecutive generations.
    pub(crate) fn watch_decision(&self, world: &mut World, request: Request, start: Start, decision: Decision) {
        let found = world.item;
        let over = found.is_over(start.clock);
        let changes = matches!(decision, Decision::Rotate | Decision::Recover | Decision::Theft);
        let late_before = world.witness.late.is_some_and(|late| late < found.generation);
        let late_again = late_before && self.is_late(world, request, start, found);
        world.witness.expect(Promise::Refusal, !(over && changes));
        world
            .witness
            .expect(Promise::Thief, over || !late_again || decision == Decision::Theft);
    }

    /// Records that a rotation handed out a generation of the `found` session.
    pub(crate) fn watch_rotation(&self, world: &mut World, request: Request, start: Start, found: Item) {
        let outran = request.presented > found.generation;
        world.witness.hands_out(start.clock, outran);
        if !self.bounds.is_honest() {
            world.witness.previous = HandOut::default();
        }
    }

    /// Records that a token of the `found` session was handed out.
    pub(crate) fn watch_answer(&self, world: &mut World, request: Request, start: Start, found: Item) {
        world.witness.expect(Promise::Revoked, !found.revoked);
        if self.is_late(world, request, start, found) {
            world.witness.late = Some(found.generation);
        }
    }

    /// Returns whether a spent token is presented later than W after the current generation was first handed out. If
    /// the generation followed one that a restored backup did not have, this is unknown, and the answer is `false`.
    fn is_late(&self, world: &World, request: Request, start: Start, found: Item) -> bool {
        let HandOut { age, outran, .. } = world.witness.current;
        self.bounds.network.is_late()
            && !outran
            && request.presented < found.generation
            && age.saturating_sub(start.clock) > self.bounds.window
    }
}
