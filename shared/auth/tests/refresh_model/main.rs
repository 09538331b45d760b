//! A model of everything that can happen to a session. A model checker visits every state within given bounds, and runs
//! the production functions of the refresh rule.

mod bounds;
mod broken;
mod item;
mod larger;
mod model;
mod moves;
mod network;
mod promise;
mod request;
mod rule;
mod scenes;
mod server;
mod sights;
mod steps;
mod watch;
mod witness;
mod world;

use std::collections::BTreeSet;

use rstest::rstest;
use stateright::{Checker, HasDiscoveries, Model as _};

use bounds::Bounds;
use model::RefreshModel;
use promise::{Promise, promises};
use rule::{PRODUCTION, Rule};
use sights::sights;

/// `states` is a little below the true number of states, so that a scene cannot become smaller unnoticed.
#[rstest]
#[case::tabs(scenes::TABS, 390_000)]
#[case::tabs_in_time(scenes::TABS_IN_TIME, 130_000)]
#[case::tabs_and_clocks(scenes::TABS_AND_CLOCKS, 550_000)]
#[case::tabs_and_logouts(scenes::TABS_AND_LOGOUTS, 840_000)]
#[case::tabs_and_operator(scenes::TABS_AND_OPERATOR, 1_000_000)]
#[case::tabs_and_expiry(scenes::TABS_AND_EXPIRY, 48_000)]
#[case::tabs_and_backups(scenes::TABS_AND_BACKUPS, 2_200_000)]
#[case::thief(scenes::THIEF, 4_400_000)]
#[case::thief_and_clocks(scenes::THIEF_AND_CLOCKS, 370_000)]
#[case::thief_and_logouts(scenes::THIEF_AND_LOGOUTS, 1_300_000)]
#[case::thief_and_operator(scenes::THIEF_AND_OPERATOR, 2_500_000)]
#[case::thief_and_expiry(scenes::THIEF_AND_EXPIRY, 350_000)]
#[case::thief_and_backups(scenes::THIEF_AND_BACKUPS, 1_100_000)]
fn every_promise_is_kept_in_every_state(#[case] bounds: Bounds, #[case] states: usize) {
    let checked = check(bounds, PRODUCTION, HasDiscoveries::AnyFailures);

    checked.assert_properties();
    let found = checked.unique_state_count();
    assert!(found > states, "{found}");
}

#[rstest]
#[case::tabs(larger::TABS, 4_800_000)]
#[case::tabs_and_clocks(larger::TABS_AND_CLOCKS, 3_600_000)]
#[case::tabs_and_ends(larger::TABS_AND_ENDS, 1)]
#[case::tabs_and_backups(larger::TABS_AND_BACKUPS, 6_800_000)]
#[case::thief(larger::THIEF, 6_500_000)]
#[case::thief_and_clocks(larger::THIEF_AND_CLOCKS, 25_000_000)]
#[case::thief_and_ends(larger::THIEF_AND_ENDS, 1)]
#[case::thief_and_backups(larger::THIEF_AND_BACKUPS, 11_000_000)]
#[ignore = "takes minutes"]
fn every_promise_is_kept_in_every_state_of_a_larger_world(#[case] bounds: Bounds, #[case] states: usize) {
    let checked = check(bounds, PRODUCTION, HasDiscoveries::AnyFailures);

    checked.assert_properties();
    let found = checked.unique_state_count();
    assert!(found > states, "{found}");
}

#[rstest]
#[case::forgives_always(broken::FORGIVES_ALWAYS, scenes::THIEF_AND_LOGOUTS, Promise::Thief)]
#[case::forgives_nothing(broken::FORGIVES_NOTHING, scenes::TABS, Promise::Honest)]
#[case::forgives_no_retry(broken::FORGIVES_NO_RETRY, scenes::TABS, Promise::Honest)]
#[case::repeats_no_parent(broken::REPEATS_NO_PARENT, scenes::TABS, Promise::Honest)]
#[case::repeats_no_current(broken::REPEATS_NO_CURRENT, scenes::TABS, Promise::Honest)]
#[case::repeats_anything(broken::REPEATS_ANYTHING, scenes::THIEF_AND_LOGOUTS, Promise::Thief)]
#[case::repeats_parents_for_ever(broken::REPEATS_PARENTS_FOR_EVER, scenes::THIEF_AND_LOGOUTS, Promise::Thief)]
#[case::repeats_stragglers_for_ever(broken::REPEATS_STRAGGLERS_FOR_EVER, scenes::THIEF_AND_LOGOUTS, Promise::Thief)]
#[case::rotates_the_parent(broken::ROTATES_THE_PARENT, scenes::TABS, Promise::OneGeneration)]
#[case::revokes_nothing(broken::REVOKES_NOTHING, scenes::THIEF_AND_LOGOUTS, Promise::Thief)]
#[case::forgets_revocation(broken::FORGETS_REVOCATION, scenes::THIEF_AND_LOGOUTS, Promise::Revoked)]
#[case::accuses_the_expired(broken::ACCUSES_THE_EXPIRED, scenes::THIEF_AND_EXPIRY, Promise::Refusal)]
#[case::accuses_the_future(broken::ACCUSES_THE_FUTURE, scenes::TABS_AND_BACKUPS, Promise::Honest)]
#[case::refuses_repeats(broken::REFUSES_REPEATS, scenes::TABS, Promise::Usable)]
#[case::notes_no_recovery(broken::NOTES_NO_RECOVERY, scenes::THIEF_AND_LOGOUTS, Promise::Thief)]
#[case::begins_no_window(broken::BEGINS_NO_WINDOW, scenes::TABS, Promise::Honest)]
#[case::recovers_another_token(broken::RECOVERS_ANOTHER_TOKEN, scenes::TABS, Promise::OneGeneration)]
#[case::compares_no_epochs(broken::COMPARES_NO_EPOCHS, scenes::TABS_AND_OPERATOR, Promise::Ended)]
#[case::reads_no_session_again(broken::READS_NO_SESSION_AGAIN, scenes::TABS_AND_LOGOUTS, Promise::Honest)]
#[case::accuses_the_ended(broken::ACCUSES_THE_ENDED, scenes::THIEF_AND_OPERATOR, Promise::Refusal)]
#[case::disables_without_epoch(broken::DISABLES_WITHOUT_EPOCH, scenes::TABS_AND_OPERATOR, Promise::Ended)]
#[case::moves_the_end(broken::MOVES_THE_END, scenes::TABS, Promise::End)]
fn a_broken_rule_breaks_its_promise(#[case] rule: Rule, #[case] bounds: Bounds, #[case] promise: Promise) {
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise.name()]));

    let checked = check(bounds, rule, found);

    checked.assert_any_discovery(promise.name());
}

/// A slow request can follow a slow answer. When the request arrives, its token may have been spent for up to twice W.
#[test]
fn an_honest_client_is_promised_nothing_where_a_request_alone_may_take_w() {
    let checked = check(
        scenes::TABS_AND_SLOW_REQUESTS,
        PRODUCTION,
        HasDiscoveries::AnyOf(BTreeSet::from([Promise::Honest.name()])),
    );

    checked.assert_any_discovery(Promise::Honest.name());
}

#[test]
fn every_row_of_the_rule_comes_to_pass() {
    let model = RefreshModel {
        bounds: Bounds {
            after_backup: 3,
            ..scenes::THIEF_AND_BACKUPS
        },
        rule: PRODUCTION,
        properties: sights,
    };

    let checked = model.checker().spawn_bfs().join();

    checked.assert_properties();
}

fn check(bounds: Bounds, rule: Rule, until: HasDiscoveries) -> impl Checker<RefreshModel> {
    let model = RefreshModel {
        bounds,
        rule,
        properties: promises,
    };
    model.checker().threads(2).finish_when(until).spawn_bfs().join()
}
