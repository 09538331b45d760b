//! Every case of `Session::decide`, on both sides of every boundary.

use auth::session::{Decision, Recovery, RefreshRule, RevokeReason, Session};
use rstest::rstest;

use crate::samples::{CURRENT, NOW, RULE, ago, alive};

const W: i64 = 10;
const STRICT: RefreshRule = RefreshRule {
    recovery: Recovery::Off,
    ..RULE
};

/// `age` and `previous_age` are the seconds since the current and the previous generation were handed out.
#[rstest]
// The token is of the current generation.
#[case::straight_after_login(RULE, CURRENT, None, None, None, Decision::Rotate)]
#[case::current_at_once(RULE, CURRENT, Some(0), None, None, Decision::Repeat)]
#[case::current_just_within_w(RULE, CURRENT, Some(W - 1), None, None, Decision::Repeat)]
#[case::current_at_w(RULE, CURRENT, Some(W), None, None, Decision::Repeat)]
#[case::current_just_after_w(RULE, CURRENT, Some(W + 1), None, None, Decision::Rotate)]
#[case::current_at_2w(RULE, CURRENT, Some(2 * W), None, None, Decision::Rotate)]
#[case::current_just_after_2w(RULE, CURRENT, Some(2 * W + 1), None, None, Decision::Rotate)]
#[case::current_by_a_clock_behind(RULE, CURRENT, Some(-1), None, None, Decision::Repeat)]
#[case::current_by_a_clock_far_behind(RULE, CURRENT, Some(-86_400), None, None, Decision::Repeat)]
#[case::current_after_a_recovery(RULE, CURRENT, Some(W + 1), Some(W + 1), Some(CURRENT), Decision::Rotate)]
#[case::current_after_two_recoveries(RULE, CURRENT, Some(W + 1), Some(W + 1), Some(CURRENT - 1), Decision::Rotate)]
#[case::current_without_recovery(STRICT, CURRENT, Some(W + 1), None, None, Decision::Rotate)]
// The token is of a later generation than the session, which was restored from a backup.
#[case::next(RULE, CURRENT + 1, Some(0), Some(0), None, Decision::Rotate)]
#[case::far_ahead(RULE, CURRENT + 1_000, Some(0), Some(0), Some(CURRENT), Decision::Rotate)]
#[case::ahead_of_a_login(RULE, CURRENT + 1, None, None, None, Decision::Rotate)]
#[case::as_far_ahead_as_can_be(STRICT, u64::MAX, Some(0), Some(0), None, Decision::Rotate)]
// The token is of the previous generation.
#[case::parent_at_once(RULE, CURRENT - 1, Some(0), None, None, Decision::Repeat)]
#[case::parent_just_within_w(RULE, CURRENT - 1, Some(W - 1), None, None, Decision::Repeat)]
#[case::parent_at_w(RULE, CURRENT - 1, Some(W), None, None, Decision::Repeat)]
#[case::parent_just_after_w(RULE, CURRENT - 1, Some(W + 1), None, None, Decision::Recover)]
#[case::parent_at_2w(RULE, CURRENT - 1, Some(2 * W), None, None, Decision::Recover)]
#[case::parent_just_after_2w(RULE, CURRENT - 1, Some(2 * W + 1), None, None, Decision::Recover)]
#[case::parent_a_month_later(RULE, CURRENT - 1, Some(2_592_000), None, None, Decision::Recover)]
#[case::parent_by_a_clock_behind(RULE, CURRENT - 1, Some(-1), None, Some(CURRENT - 1), Decision::Repeat)]
#[case::parent_of_one_never_handed_out(RULE, CURRENT - 1, None, None, None, Decision::Recover)]
#[case::parent_again_in_the_same_generation(RULE, CURRENT - 1, Some(W + 1), None, Some(CURRENT), Decision::Recover)]
#[case::parent_in_the_next_generation(RULE, CURRENT - 1, Some(W + 1), None, Some(CURRENT - 1), Decision::Theft)]
#[case::parent_in_the_next_one_within_w(RULE, CURRENT - 1, Some(W), None, Some(CURRENT - 1), Decision::Repeat)]
#[case::parent_two_generations_on(RULE, CURRENT - 1, Some(W + 1), None, Some(CURRENT - 2), Decision::Recover)]
#[case::parent_without_recovery_at_w(STRICT, CURRENT - 1, Some(W), None, None, Decision::Repeat)]
#[case::parent_without_recovery_after_w(STRICT, CURRENT - 1, Some(W + 1), None, None, Decision::Theft)]
// The token is two generations old.
#[case::straggler_at_once(RULE, CURRENT - 2, Some(0), Some(0), None, Decision::Repeat)]
#[case::straggler_just_within_2w(RULE, CURRENT - 2, Some(0), Some(2 * W - 1), None, Decision::Repeat)]
#[case::straggler_at_2w(RULE, CURRENT - 2, Some(0), Some(2 * W), None, Decision::Repeat)]
#[case::straggler_just_after_2w(RULE, CURRENT - 2, Some(0), Some(2 * W + 1), None, Decision::Theft)]
#[case::straggler_by_a_clock_behind(RULE, CURRENT - 2, Some(-2), Some(-1), None, Decision::Repeat)]
#[case::straggler_after_a_login(RULE, CURRENT - 2, Some(0), None, None, Decision::Theft)]
#[case::straggler_after_a_recovery(RULE, CURRENT - 2, Some(0), Some(2 * W), Some(CURRENT - 1), Decision::Repeat)]
#[case::straggler_without_recovery(STRICT, CURRENT - 2, Some(0), Some(2 * W), None, Decision::Repeat)]
// The token is more than two generations old.
#[case::great_grandparent_at_once(RULE, CURRENT - 3, Some(0), Some(0), None, Decision::Theft)]
#[case::first_of_all_by_a_clock_behind(RULE, 0, Some(-1), Some(-1), None, Decision::Theft)]
fn a_presented_generation_is_decided_upon_by_the_ages_of_the_last_two(
    #[case] rule: RefreshRule,
    #[case] presented: u64,
    #[case] age: Option<i64>,
    #[case] previous_age: Option<i64>,
    #[case] recovered_generation: Option<u64>,
    #[case] expected: Decision,
) {
    let session = Session {
        delivered_at: age.map(ago),
        previous_delivered_at: previous_age.map(ago),
        recovered_generation,
        ..alive()
    };

    assert_eq!(session.decide(presented, NOW, &rule), expected);
}

#[rstest]
#[case::last_second_of_the_token(Session { idle_expires_at: ago(29), ..alive() }, false)]
#[case::first_second_after_the_token(Session { idle_expires_at: ago(30), ..alive() }, true)]
#[case::last_second_of_the_session(Session { expires_at: ago(-1), ..alive() }, false)]
#[case::first_second_after_the_session(Session { expires_at: NOW, ..alive() }, true)]
#[case::revoked_now(Session { revoked: Some((NOW, RevokeReason::Theft)), ..alive() }, true)]
#[case::revoked_by_a_clock_ahead(Session { revoked: Some((ago(-60), RevokeReason::Logout)), ..alive() }, true)]
fn what_is_over_refuses_every_generation(
    #[case] session: Session,
    #[case] over: bool,
    #[values(0, CURRENT - 3, CURRENT - 2, CURRENT - 1, CURRENT, CURRENT + 1)] presented: u64,
) {
    let decision = session.decide(presented, NOW, &RULE);

    assert_eq!(decision == Decision::Refuse, over, "{decision:?}");
}
