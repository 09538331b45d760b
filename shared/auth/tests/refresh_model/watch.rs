//! What the onlooker notes at each step of the server: from what it sees, not from what the session says of itself.

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
    /// A session that is over is not changed, and who is late in two generations running is found out.
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

    /// A generation was handed out by a session that was `found`.
    pub(crate) fn watch_rotation(&self, world: &mut World, request: Request, start: Start, found: Item) {
        let outran = request.presented > found.generation;
        world.witness.hands_out(start.clock, outran);
        if !self.bounds.is_honest() {
            world.witness.previous = HandOut::default();
        }
    }

    /// A token was handed out by a session that was `found`.
    pub(crate) fn watch_answer(&self, world: &mut World, request: Request, start: Start, found: Item) {
        world.witness.expect(Promise::Revoked, !found.revoked);
        if self.is_late(world, request, start, found) {
            world.witness.late = Some(found.generation);
        }
    }

    /// Whether a spent token is presented later than W after the current generation was handed out first. Just after a
    /// restore nobody can say.
    fn is_late(&self, world: &World, request: Request, start: Start, found: Item) -> bool {
        let HandOut { age, outran, .. } = world.witness.current;
        self.bounds.network.is_late()
            && !outran
            && request.presented < found.generation
            && age.saturating_sub(start.clock) > self.bounds.window
    }
}
