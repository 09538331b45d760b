//! The model: its worlds, the possible moves, and a rule.

use auth::session::{Decision, Session};
use claims::Timestamp;
use stateright::{Model, Property};

use crate::{bounds::Bounds, moves::Move, rule::Rule, world::World};

/// Everything that can happen to one session within the bounds, under a rule.
#[derive(Clone, Debug)]
pub(crate) struct RefreshModel {
    pub(crate) bounds: Bounds,
    pub(crate) rule: Rule,
    /// The properties to check.
    pub(crate) properties: fn() -> Vec<Property<Self>>,
}

impl RefreshModel {
    pub(crate) fn decide(&self, session: &Session, presented: u8, now: Timestamp) -> Decision {
        (self.rule.decide)(session, presented.into(), now, &self.bounds.rule())
    }
}

impl Model for RefreshModel {
    type State = World;
    type Action = Move;

    fn init_states(&self) -> Vec<World> {
        vec![World::login()]
    }

    fn actions(&self, world: &World, moves: &mut Vec<Move>) {
        self.moves(world, moves);
    }

    fn next_state(&self, world: &World, next: Move) -> Option<World> {
        let mut world = world.clone();
        self.step(&mut world, next)?;
        if self.bounds.is_honest() {
            let behind = world.item.generation.saturating_sub(world.jar);
            let lost_after = self.bounds.network.lost_after(self.bounds.window);
            world.witness.loses(behind, lost_after);
        }
        world.settle();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        (self.properties)()
    }

    /// Returns `false` for a state in which the session is too far ahead of its backup. Also returns `false` if the
    /// owner has lost two consecutive answers, because no promise applies to such a state.
    fn within_boundary(&self, world: &World) -> bool {
        let after_backup = world
            .backup
            .map_or(0, |backup| world.item.generation.saturating_sub(backup.item.generation));
        after_backup <= self.bounds.after_backup && !world.witness.lost_two_running()
    }
}
