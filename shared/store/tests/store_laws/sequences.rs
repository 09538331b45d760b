//! Whole lives of sessions. The same events happen to the table and to the double in memory, and both must have the
//! same results. The double decides by calling the rule in `auth`.

use auth::{
    session::{
        Change, Decision, FindSession as _, KeepOneSession as _, OpenSessions as _, Recovery, RefreshAttempt,
        RefreshRule, RevokeReason, RevokeSessions as _, RotateSessions as _, Rotation, Session,
    },
    user::FindUser as _,
};
use claims::{Moment, SessionId, Span, Timestamp};
use doubles::Memory;
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use rstest::rstest;

use crate::{
    sessions::{NOW, session},
    tables::Tables,
    users::{add, user},
};

/// The number of lives for each seed.
const LIVES: u64 = 1_000;
/// The number of events in each life.
const STEPS: u64 = 8;
const RULE: RefreshRule = RefreshRule {
    window: Span::seconds(10),
    recovery: Recovery::On,
};

/// An event in the life of a session.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A token that is this many generations behind the current one is presented.
    Refresh(u64),
    /// The session is ended.
    Revoke,
    /// Every other session of the user is ended.
    KeepOnly,
}

#[rstest]
#[case(1)]
#[ignore = "takes a quarter of a minute"]
#[case(2)]
#[ignore = "takes a quarter of a minute"]
#[case(3)]
#[ignore = "takes a quarter of a minute"]
#[case(4)]
#[ignore = "takes a quarter of a minute"]
#[case(5)]
#[ignore = "takes a quarter of a minute"]
#[case(6)]
#[ignore = "takes a quarter of a minute"]
#[case(7)]
#[ignore = "takes a quarter of a minute"]
#[case(8)]
#[ignore = "takes a quarter of a minute"]
#[case(9)]
#[ignore = "takes a quarter of a minute"]
#[case(10)]
#[tokio::test]
async fn the_table_follows_the_rule(#[case] seed: u64) {
    let (tables, memory) = (Tables::new().await, Memory::default());
    let rng = &mut StdRng::seed_from_u64(seed);
    let user = user(1);
    add(&memory, &user, "ada@example.com").await;
    add(&tables.users, &user, "ada@example.com").await;
    let mut seen = std::collections::BTreeSet::new();

    for number in 0..LIVES {
        let epoch = memory.user(&user.id).await.unwrap().unwrap().epoch;
        let mut now = NOW;
        let born = Session {
            user_id: user.id.clone(),
            sid: SessionId::new(Moment::new(number), [0; 10]),
            epoch,
            idle_expires_at: NOW.plus(Span::seconds(604_800)),
            ..session(0)
        };
        memory.create(&born).await.unwrap();
        tables.sessions.create(&born).await.unwrap();

        for _ in 0..STEPS {
            now = now.plus(Span::seconds(pick(rng, &[0, 1, 9, 10, 11, 20, 21, 3_600])));
            let step = step(rng);
            let before = memory.session(&born.user_id, &born.sid).await.unwrap().unwrap();
            seen.extend(act(step, &before, now, &tables, &memory).await);

            let [one, other] = [
                memory.session(&born.user_id, &born.sid).await.unwrap(),
                tables.sessions.session(&born.user_id, &born.sid).await.unwrap(),
            ];
            assert_eq!(one, other, "{step:?} of {before:?} at {now:?}");
        }
    }
    let all = [
        Decision::Rotate,
        Decision::Repeat,
        Decision::Recover,
        Decision::Theft,
        Decision::Refuse,
    ];
    assert!(
        all.iter().all(|decision| seen.contains(&format!("{decision:?}"))),
        "only {seen:?}"
    );
}

/// Applies an event to the tables and to the double, as a use case would, and compares the results. If the event is a
/// refresh, returns the decision.
async fn act(step: Step, session: &Session, now: Timestamp, tables: &Tables, memory: &Memory) -> Option<String> {
    match step {
        Step::Revoke => {
            let (user_id, sid) = (&session.user_id, &session.sid);
            let one = memory.revoke(user_id, sid, RevokeReason::Logout, now).await.unwrap();
            let other = tables
                .sessions
                .revoke(user_id, sid, RevokeReason::Logout, now)
                .await
                .unwrap();
            assert_eq!(one, other);
            None
        }
        Step::KeepOnly => {
            let one = memory.keep_only(session, now).await.unwrap();
            let other = tables.epochs.keep_only(session, now).await.unwrap();
            assert_eq!(one, other);
            None
        }
        Step::Refresh(back) => {
            let presented = RefreshAttempt {
                user_id: session.user_id.clone(),
                sid: session.sid.clone(),
                generation: session.generation.saturating_sub(back),
                now,
            };
            Some(format!("{:?}", refresh(&presented, tables, memory).await))
        }
    }
}

async fn refresh(presented: &RefreshAttempt, tables: &Tables, memory: &Memory) -> Decision {
    let rotation = Rotation {
        idle_expires_at: presented.now.plus(Span::seconds(604_800)),
    };
    let one = memory.rotate(presented, &rotation, &RULE).await.unwrap();
    let other = tables.sessions.rotate(presented, &rotation, &RULE).await.unwrap();
    assert_eq!(one, other);
    let Change::Unchanged(Some(found)) = one else {
        return Decision::Rotate;
    };
    let decision = found.decide(presented.generation, presented.now, &RULE);
    match decision {
        Decision::Recover => {
            let one = memory.recover(&found, presented.now).await.unwrap();
            let other = tables.sessions.recover(&found, presented.now).await.unwrap();
            assert_eq!(one, other);
        }
        Decision::Theft => {
            let (user_id, sid) = (&found.user_id, &found.sid);
            let one = memory
                .revoke(user_id, sid, RevokeReason::Theft, presented.now)
                .await
                .unwrap();
            let other = tables
                .sessions
                .revoke(user_id, sid, RevokeReason::Theft, presented.now)
                .await
                .unwrap();
            assert_eq!(one, other);
        }
        Decision::Rotate | Decision::Repeat | Decision::Refuse => {}
    }
    decision
}

fn step(rng: &mut impl Rng) -> Step {
    match rng.random_range(0..50) {
        0 => Step::Revoke,
        1 => Step::KeepOnly,
        2..10 => Step::Refresh(2),
        10..20 => Step::Refresh(1),
        20 => Step::Refresh(3),
        _ => Step::Refresh(0),
    }
}

fn pick<T: Copy>(rng: &mut impl Rng, from: &[T]) -> T {
    *from.choose(rng).unwrap()
}
