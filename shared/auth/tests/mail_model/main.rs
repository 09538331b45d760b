//! A model of mail: an owner, an attacker, a scanner that opens every link, and two mailboxes. A model checker visits
//! every state within given bounds, and runs the production functions of the rules.

#![cfg(test)]

mod acts;
mod bounds;
mod broken;
mod model;
mod promise;
mod rule;
mod world;

use std::collections::BTreeSet;

use rstest::rstest;
use stateright::{Checker, HasDiscoveries, Model as _};

use bounds::Bounds;
use model::MailModel;
use promise::{Promise, promises, sights};
use rule::{PRODUCTION, Rule};
use world::Address;

/// `states` is a little below the true number of states, so that a scene cannot become smaller unnoticed.
#[rstest]
#[case::resets(bounds::RESETS, 28_000)]
#[case::moves(bounds::MOVES, 80_000)]
#[case::registrations(bounds::REGISTRATIONS, 7_500)]
#[case::both(bounds::BOTH, 5_000)]
fn every_promise_is_kept_in_every_state(#[case] bounds: Bounds, #[case] states: usize) {
    let checked = check(bounds, PRODUCTION, HasDiscoveries::AnyFailures);

    checked.assert_properties();
    let found = checked.unique_state_count();
    assert!(found > states, "{found}");
}

#[rstest]
#[case::binds_no_address(broken::BINDS_NO_ADDRESS, bounds::RESETS, Promise::Present)]
#[case::binds_no_time(broken::BINDS_NO_TIME, bounds::RESETS, Promise::Over)]
#[case::time_stands_still(broken::TIME_STANDS_STILL, bounds::RESETS, Promise::Over)]
#[case::code_of_any_request(broken::CODE_OF_ANY_REQUEST, bounds::MOVES, Promise::Present)]
#[case::repeats_set_passwords(broken::REPEATS_SET_PASSWORDS, bounds::REGISTRATIONS, Promise::Over)]
#[case::takes_what_is_taken(broken::TAKES_WHAT_IS_TAKEN, bounds::REGISTRATIONS, Promise::Kept)]
#[case::opening_confirms(broken::OPENING_CONFIRMS, bounds::REGISTRATIONS, Promise::Mailbox)]
#[case::limits_nothing(broken::LIMITS_NOTHING, bounds::RESETS, Promise::Few)]
fn a_broken_rule_breaks_its_promise(#[case] rule: Rule, #[case] bounds: Bounds, #[case] promise: Promise) {
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise.name()]));

    let checked = check(bounds, rule, found);

    checked.assert_any_discovery(promise.name());
}

/// Otherwise the promises might be kept because nothing ever happens.
#[test]
fn everything_that_is_meant_to_work_does() {
    let model = MailModel {
        bounds: Bounds {
            account: Some(Address::First),
            ..bounds::BOTH
        },
        rule: PRODUCTION,
        watches: true,
        properties: sights,
    };

    model.checker().spawn_bfs().join().assert_properties();
}

fn check(bounds: Bounds, rule: Rule, until: HasDiscoveries) -> impl Checker<MailModel> {
    let model = MailModel {
        bounds,
        rule,
        watches: false,
        properties: promises,
    };
    model.checker().threads(2).finish_when(until).spawn_bfs().join()
}
