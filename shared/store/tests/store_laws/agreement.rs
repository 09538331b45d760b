//! The refresh rule in Rust and the DynamoDB condition of a rotation agree for random sessions, tokens and settings.

use auth::session::{
    Change, Decision, OpenSessions as _, Recovery, RefreshAttempt, RefreshRule, RevokeReason, RotateSessions as _,
    Session,
};
use claims::{LEEWAY, Moment, SessionId, Span, Timestamp};
use rand::{Rng, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use rstest::rstest;

use crate::{
    sessions::{NOW, ROTATION, presented, session},
    tables::Tables,
};

/// The number of cases for each seed.
const CASES: u64 = 2_500;

#[rstest]
#[case(1)]
#[ignore = "takes a quarter of a minute"]
#[case(2)]
#[ignore = "takes a quarter of a minute"]
#[case(3)]
#[ignore = "takes a quarter of a minute"]
#[case(4)]
#[tokio::test]
async fn the_table_rotates_exactly_when_the_rule_does(#[case] seed: u64) {
    let tables = Tables::new().await;
    let rng = &mut StdRng::seed_from_u64(seed);
    let mut rotations = 0_u64;

    for number in 0..CASES {
        let (session, presented, rule) = case(number, rng);
        let decision = session.decide(presented.generation, presented.now, &rule);
        let expected = if decision == Decision::Rotate {
            rotations = rotations.saturating_add(1);
            Change::Written(session.rotated(presented.generation, presented.now, &ROTATION))
        } else {
            Change::Unchanged(Some(session.clone()))
        };

        tables.sessions.create(&session).await.unwrap();
        let attempt = tables.sessions.rotate(&presented, &ROTATION, &rule).await.unwrap();

        assert_eq!(attempt, expected, "{session:?} {presented:?} {rule:?}");
    }
    // Rotations and refusals are both frequent enough for the comparison to mean something.
    assert!((CASES / 10..CASES / 2).contains(&rotations), "{rotations} rotations");
}

/// Returns a session, a token for it and a rule, with values at or next to the limits of the rule.
fn case(number: u64, rng: &mut impl Rng) -> (Session, RefreshAttempt, RefreshRule) {
    let window = pick(rng, &[5, 10, 60]);
    let generation = pick(rng, &[0, 1, 2, 3, 1_000_000, u64::MAX - 1, u64::MAX]);
    let expires_at = near(rng, &[0]);
    let session = Session {
        sid: SessionId::new(Moment::new(number), [0; 10]),
        generation,
        delivered_at: delivered(rng, window),
        previous_delivered_at: delivered(rng, window),
        recovered_generation: pick(rng, &[None, generation.checked_sub(1), Some(generation)]),
        idle_expires_at: near(rng, &[0, LEEWAY.get()]).min(expires_at),
        expires_at,
        epoch: pick(rng, &[0, 1]),
        revoked: pick(rng, &[None, None, None, None, Some((NOW, RevokeReason::Logout))]),
        ..session(1)
    };
    let presented = RefreshAttempt {
        generation: generation.saturating_add_signed(pick(rng, &[-3, -2, -1, 0, 0, 0, 0, 1, 5])),
        ..presented(&session)
    };
    let rule = RefreshRule {
        window: Span::seconds(window),
        recovery: pick(rng, &[Recovery::On, Recovery::Off]),
    };
    (session, presented, rule)
}

/// Returns `None`, a future time, or a time that lies a multiple of `window` before now, plus or minus a second.
fn delivered(rng: &mut impl Rng, window: u64) -> Option<Timestamp> {
    let windows = window.saturating_mul(pick(rng, &[0, 1, 1, 2, 1_000]));
    let ago = before(windows.saturating_add_signed(pick(rng, &[-1, 0, 1])));
    pick(rng, &[None, Some(NOW.plus(Span::seconds(5))), Some(ago), Some(ago)])
}

/// Returns a time far in the future, or a time within a second of one of `edges`. Each edge is given in seconds before
/// now.
fn near(rng: &mut impl Rng, edges: &[u64]) -> Timestamp {
    let edge = before(pick(rng, edges).saturating_add_signed(pick(rng, &[-1, 0, 1])));
    let late = NOW.plus(Span::seconds(100_000));
    pick(rng, &[edge, late, late])
}

fn before(seconds: u64) -> Timestamp {
    Timestamp::new(NOW.get().saturating_sub(seconds))
}

fn pick<T: Copy>(rng: &mut impl Rng, from: &[T]) -> T {
    *from.choose(rng).unwrap()
}
