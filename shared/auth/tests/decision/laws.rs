//! Laws of the refresh rule that hold for all generations and times.

use auth::session::{Decision, RefreshAttempt, RevokeReason, Rotation, Session};
use claims::{Span, Timestamp};
use proptest::prelude::*;

use crate::samples::{NOW, RULE, ago, any_rule, any_session, later, number, recent_session};

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_number_is_too_large_or_too_small(
        session in any_session(),
        presented in number(),
        now in number(),
        rule in any_rule(),
    ) {
        let now = Timestamp::new(now);
        let rotation = Rotation { idle_expires_at: now };

        let decision = session.decide(presented, now, &rule);
        let rotated = session.rotated(presented, now, &rotation);

        prop_assert_eq!(decision == Decision::Refuse, session.is_over(now));
        prop_assert!(rotated.generation > session.generation || rotated.generation == u64::MAX);
        prop_assert!(rotated.idle_expires_at <= session.expires_at);
    }

    #[test]
    fn a_rotation_recognises_its_own_work_unless_the_session_was_refreshed_or_revoked_since(
        session in any_session(),
        presented in number(),
        idle in number(),
    ) {
        let rotation = Rotation { idle_expires_at: Timestamp::new(idle) };
        let presented = RefreshAttempt {
            user_id: session.user_id.clone(),
            sid: session.sid.clone(),
            generation: session.generation.max(presented),
            now: NOW,
        };
        let before = Session { recovered_generation: None, revoked: None, ..session };
        let left = before.rotated(presented.generation, NOW, &rotation);
        let revoked = Session { revoked: Some((NOW, RevokeReason::Logout)), ..left.clone() };
        let kept = Session { epoch: left.epoch.wrapping_add(1), ..left.clone() };

        prop_assert!(left.is_left_by(&presented, &rotation));
        prop_assert!(kept.is_left_by(&presented, &rotation));
        prop_assert!(!before.is_left_by(&presented, &rotation) || before.generation == u64::MAX);
        for other in [revoked, left.recovered(NOW), left.recovered(NOW.plus(Span::seconds(11)))] {
            prop_assert!(!other.is_left_by(&presented, &rotation));
        }
    }

    #[test]
    fn no_refresh_moves_the_end_of_a_session(session in any_session(), presented in number(), now in number()) {
        let now = Timestamp::new(now);
        let rotation = Rotation { idle_expires_at: now };

        for moved in [session.rotated(presented, now, &rotation), session.recovered(now)] {
            prop_assert_eq!(moved.expires_at, session.expires_at);
            prop_assert_eq!(moved.revoked, session.revoked);
            prop_assert_eq!(moved.epoch, session.epoch);
            prop_assert_eq!((moved.auth_time, moved.amr), (session.auth_time, session.amr));
        }
    }

    #[test]
    fn a_recovery_gives_the_same_token_again(session in any_session(), now in number()) {
        let recovered = session.recovered(Timestamp::new(now));

        prop_assert_eq!(recovered.generation, session.generation);
        prop_assert_eq!(recovered.issued_at, session.issued_at);
        prop_assert_eq!(recovered.idle_expires_at, session.idle_expires_at);
    }

    #[test]
    fn only_ages_count(session in recent_session(), presented in 0..10_u64, by in 0..1_000_000_u64) {
        let span = Span::seconds(by);

        let decision = later(&session, span).decide(presented, NOW.plus(span), &RULE);

        prop_assert_eq!(decision, session.decide(presented, NOW, &RULE));
    }

    #[test]
    fn a_clock_that_steps_back_sees_no_theft_in_an_honest_request(
        session in recent_session(),
        presented in 0..10_u64,
        by in 0..100_i64,
    ) {
        let decisions = [ago(by), NOW].map(|now| session.decide(presented, now, &RULE));

        let newly_accused = decisions[0] == Decision::Theft && decisions[1] != Decision::Theft;
        prop_assert!(!newly_accused || decisions[1] == Decision::Refuse, "{:?}", decisions);
    }
}
