//! What the witness records and checks at each step of the server. To tell how late a token is, it uses its own records
//! and not the times in the session, which a broken rule may have changed.

use auth::session::Decision;

use crate::{item::Item, model::RefreshModel, promise::Promise, request::Request, witness::HandOut, world::World};

impl RefreshModel {
    /// Checks that the decision changes no session that is over, and that it detects a theft if a late, spent token is
    /// presented in two consecutive generations.
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

    /// Records that a rotation of the session `found` handed out a new generation.
    pub(crate) fn watch_rotation(&self, world: &mut World, request: Request, clock: u8, found: Item) {
        let outran = request.presented > found.generation;
        world.witness.hands_out(clock, outran);
        if !self.bounds.is_honest() {
            world.witness.previous = HandOut::default();
        }
    }

    /// Returns whether a request presents a spent token later than W after the current generation was first handed out.
    /// Returns `false` if the network is never late. Also returns `false` if the current generation replaced one that a
    /// restored backup did not have, because the presented token may be unspent.
    pub(crate) fn is_late(&self, world: &World, request: Request, clock: u8, found: Item) -> bool {
        let HandOut { age, outran, .. } = world.witness.current;
        self.bounds.network.is_late()
            && !outran
            && request.presented < found.generation
            && age.saturating_sub(clock) > self.bounds.window
    }
}

impl World {
    /// Records that the server answered with a token. `late` is the generation that was current before the server's
    /// write, if the presented token was spent and late. `revoked` is whether the session had been revoked before that
    /// write.
    pub(crate) fn watch_answer(&mut self, request: Request, late: Option<u8>, revoked: bool) {
        self.witness.expect(Promise::Revoked, !revoked);
        self.witness.expect(Promise::Ended, !request.too_late);
        self.witness.late = late.or(self.witness.late);
    }
}
