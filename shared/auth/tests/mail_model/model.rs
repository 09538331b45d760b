//! The model: its worlds, the possible acts, and a rule.

use stateright::{Model, Property};

use crate::{acts::Act, bounds::Bounds, rule::Rule, world::World};

/// Everything that can happen within the bounds, under a rule.
#[derive(Clone, Debug)]
pub(crate) struct MailModel {
    pub(crate) bounds: Bounds,
    pub(crate) rule: Rule,
    /// Whether worlds record what happened in them.
    pub(crate) watches: bool,
    /// The properties to check.
    pub(crate) properties: fn() -> Vec<Property<Self>>,
}

impl Model for MailModel {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.bounds.account)]
    }

    fn actions(&self, world: &World, acts: &mut Vec<Act>) {
        self.acts(world, acts);
    }

    fn next_state(&self, world: &World, act: Act) -> Option<World> {
        let mut next = world.clone();
        self.perform(&mut next, act);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        (self.properties)()
    }
}
