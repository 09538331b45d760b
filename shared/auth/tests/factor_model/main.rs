//! A model of second factors: an owner, and a thief who knows the password, reads the mail, or both. A model checker
//! visits every state within given bounds. The use cases of production serve every request: the second step of a login,
//! a reset by mail and a confirmation in a session. The stores apply the production rules of lanes and of what is used up.
//!
//! Time is simple. Between two attempts, everyone waits for as long as they have to, so the model does not show how long
//! a thief can make the owner wait. Wrong codes come thirty at a time. A race is one request that is served between the
//! reads and the write of another. Passkeys, letters and the first step of a login are
//! not in the model.
//!
//! These changes to production were made by hand, and each broke a promise: codes after a link are counted with those
//! after the password; the lane is the same for every password; the last accepted code is accepted again; a recovery code
//! is not replaced; a closed lane refuses recovery codes; a reset does not require a factor; the lanes of resets have no
//! common budget.

#![cfg(test)]

mod acts;
mod promise;
mod request;
mod rule;
mod scene;
mod service;
mod store;
mod world;

use std::collections::BTreeSet;

use rstest::rstest;
use stateright::{Checker, HasDiscoveries, Model, Property};

use acts::{Act, acts};
use promise::{Promise, Sight, promises, sights};
use rule::{PRODUCTION, Rule};
use scene::Scene;
use world::World;

/// Everything that can happen in a scene, under a rule.
#[derive(Clone, Debug)]
struct FactorModel {
    scene: Scene,
    rule: Rule,
    /// Whether states record what happened in them.
    watches: bool,
    properties: fn() -> Vec<Property<Self>>,
}

impl Model for FactorModel {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.scene.thief)]
    }

    /// Nothing more happens once a promise is broken.
    fn actions(&self, world: &World, possible: &mut Vec<Act>) {
        if world.broken.is_none() {
            possible.extend(acts(&self.scene, world));
        }
    }

    fn next_state(&self, world: &World, act: Act) -> Option<World> {
        let mut next = world.clone();
        act.perform(&mut next, &self.rule);
        if !self.watches {
            next.seen.clear();
        }
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        (self.properties)()
    }
}

/// `states` is a little below the true number of states, so that a scene cannot become smaller unnoticed.
#[rstest]
#[case::password(scene::PASSWORD, 270)]
#[case::mail(scene::MAIL, 210)]
#[case::both(scene::BOTH, 510)]
#[case::replays(scene::REPLAYS, 460)]
#[case::races(scene::RACES, 80)]
fn every_promise_is_kept_in_every_state(#[case] scene: Scene, #[case] states: usize) {
    let checked = check(scene, PRODUCTION, HasDiscoveries::AnyFailures);

    checked.assert_properties();
    let found = checked.unique_state_count();
    assert!(found > states, "{found}");
}

#[rstest]
#[case::one_lane(rule::ONE_LANE, scene::PASSWORD, Promise::WayBack)]
#[case::outlives_the_password(rule::OUTLIVES_THE_PASSWORD, scene::PASSWORD, Promise::Login)]
#[case::counts_nothing(rule::COUNTS_NOTHING, scene::PASSWORD, Promise::Few)]
#[case::counts_nothing_after_mail(rule::COUNTS_NOTHING, scene::MAIL, Promise::Few)]
#[case::checks_nothing_again(rule::CHECKS_NOTHING_AGAIN, scene::RACES, Promise::Once)]
#[case::keeps_steps(rule::KEEPS_STEPS, scene::REPLAYS, Promise::Once)]
#[case::keeps_recovery_codes(rule::KEEPS_RECOVERY_CODES, scene::REPLAYS, Promise::Once)]
#[case::opens_again(rule::OPENS_AGAIN, scene::REPLAYS, Promise::Once)]
fn a_broken_rule_breaks_its_promise(#[case] rule: Rule, #[case] scene: Scene, #[case] promise: Promise) {
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise.name()]));

    let checked = check(scene, rule, found);

    checked.assert_any_discovery(promise.name());
}

/// Otherwise the promises might be kept because nothing ever happens.
#[rstest]
#[case::password(scene::PASSWORD, &[Sight::Login, Sight::Confirmation, Sight::Reset, Sight::Recovery, Sight::Closed])]
#[case::mail(scene::MAIL, &[Sight::Reset, Sight::Recovery, Sight::Closed])]
#[case::races(scene::RACES, &[Sight::Race])]
fn what_is_meant_to_happen_does(#[case] scene: Scene, #[case] expected: &[Sight]) {
    let model = FactorModel {
        scene: Scene {
            recovery_codes: 1,
            has_confirmations: expected.contains(&Sight::Confirmation),
            ..scene
        },
        rule: PRODUCTION,
        watches: true,
        properties: sights,
    };

    let checked = model.checker().spawn_bfs().join();

    for sight in expected {
        checked.assert_any_discovery(sight.name());
    }
}

fn check(scene: Scene, rule: Rule, until: HasDiscoveries) -> impl Checker<FactorModel> {
    let model = FactorModel {
        scene,
        rule,
        watches: false,
        properties: promises,
    };
    model.checker().threads(2).finish_when(until).spawn_bfs().join()
}
