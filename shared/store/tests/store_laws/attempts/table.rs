//! The table of attempts: a comparison with the double in memory, and the content of the table's items.

use auth::attempts::{
    Admission, CountAttempts as _, CountSources as _, CountSuccesses as _, MAX_LANES, SOURCE_WINDOW, Success,
};
use claims::Moment;
use doubles::Memory;
use engine::{Fault, StatusCode, Wire};
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use rstest::rstest;
use store::Attempts;

use super::{NOW, change, device, id, lanes, source, stranger, user};
use crate::tables::Tables;

/// The number of steps for each seed.
const STEPS: u64 = 2_000;

/// While the transaction of a password change writes counts, DynamoDB refuses other writes to the same items.
#[tokio::test]
async fn an_attempt_is_counted_despite_a_conflict_with_a_transaction() {
    let tables = Tables::new().await;
    let wire = Wire::start(tables.engine.endpoint.clone()).await;
    let attempts = Attempts::new(wire.client("test"), tables.attempts_name());
    let mut calls = 0;
    wire.fail(move |_| {
        calls += 1;
        (calls % 3 != 0).then_some(Fault::Refused(StatusCode::BAD_REQUEST, "TransactionConflictException"))
    });

    for lane in lanes() {
        assert_eq!(attempts.count(&lane, &id(1), NOW).await.unwrap(), Admission::Admitted);
    }
}

/// Makes the same attempts with the table and with the double in memory. The double decides by calling the rule in
/// `auth`. Both must return the same admissions.
#[rstest]
#[case(1)]
#[case(2)]
#[tokio::test]
async fn the_table_admits_exactly_when_the_rule_does(#[case] seed: u64) {
    let (tables, memory) = (Tables::new().await, Memory::default());
    let rng = &mut StdRng::seed_from_u64(seed);
    let (mut now, mut seen) = (NOW, Vec::new());
    let mut lanes = lanes();
    for number in 0..40 {
        lanes.extend([
            device(&format!("device-{number}")),
            stranger(&format!("192.0.2.{number}")),
            change(&format!("session-{number}"), number < 20),
        ]);
    }

    for step in 0..STEPS {
        now = Moment::new(now.get().saturating_add(pause(rng)));
        let early = Moment::new(now.get().saturating_sub(pick(rng, &[0, 0, 0, 5_000])));
        let lane = lanes.choose(rng).unwrap();
        if rng.random_range(0..100) == 0 {
            memory.clear(lane).await.unwrap();
            tables.attempts.clear(lane).await.unwrap();
            continue;
        }
        // Some attempts are repeated, as after a lost answer.
        let attempt = id(step.saturating_sub(pick(rng, &[0, 0, 0, 0, 1])));

        let one = memory.count(lane, &attempt, early).await.unwrap();
        let other = tables.attempts.count(lane, &attempt, early).await.unwrap();

        assert_eq!(one, other, "step {step}: {lane:?}");
        seen.push(one);
    }
    let of = |kind: fn(&Admission) -> bool| seen.iter().filter(|admission| kind(admission)).count();
    let times = [
        of(|admission| *admission == Admission::Admitted),
        of(|admission| matches!(admission, Admission::Wait(_))),
        of(|admission| *admission == Admission::Closed),
    ];
    assert!(times.iter().all(|times| *times > 20), "{times:?}");
}

#[tokio::test]
async fn an_item_has_no_more_lanes_than_the_rule_allows() {
    let tables = Tables::new().await;
    for number in 0..200 {
        let name = format!("2001:db8:0:{number:x}::1");
        for lane in [
            device(&name.replace(':', "-")),
            stranger(&name),
            change(&name.replace(':', "-"), true),
        ] {
            tables.attempts.count(&lane, &id(number), NOW).await.unwrap();
            if number % 10 == 0 {
                tables.attempts.clear(&lane).await.unwrap();
            }
        }
    }

    let scan = tables.client.scan().table_name(tables.attempts_name());
    let items = scan.send().await.unwrap().items.unwrap();

    assert_eq!(items.len(), 3);
    for item in items {
        for name in ["failures#", "attempted_at#", "attempt#"] {
            let lanes = item.keys().filter(|attribute| attribute.starts_with(name));
            assert_eq!(lanes.count(), MAX_LANES, "{item:?}");
        }
        assert_eq!(item["lanes"].as_ss().unwrap().len(), MAX_LANES);
    }
}

#[tokio::test]
async fn the_record_of_an_attempt_expires_and_names_nobody() {
    let tables = Tables::new().await;
    for lane in lanes() {
        tables.attempts.count(&lane, &id(1), NOW).await.unwrap();
    }
    tables
        .attempts
        .count_source(&source("192.0.2.1"), 9, NOW)
        .await
        .unwrap();
    for success in [Success::Login(user(), None), Success::Change(user())] {
        tables.attempts.count_success(&success, NOW).await.unwrap();
    }

    let scan = tables.client.scan().table_name(tables.attempts_name());
    let items = scan.send().await.unwrap().items.unwrap();

    // All lanes of a kind share one item.
    assert_eq!(items.len(), 6);
    for item in items {
        let ttl: u64 = item["ttl"].as_n().unwrap().parse().unwrap();
        let text = format!("{item:?}");
        assert!(ttl > NOW.timestamp().get() + SOURCE_WINDOW.get(), "{text}");
        assert!(!text.contains("ada") && !text.contains("192.0.2.1"), "{text}");
    }
}

/// Returns the milliseconds until the next attempt: often 0, otherwise at or near a limit of the rule, and rarely a
/// day.
fn pause(rng: &mut impl Rng) -> u64 {
    if rng.random_range(0..400) == 0 {
        return 24 * 60 * 60 * 1_000;
    }
    pick(
        rng,
        &[
            0, 0, 0, 0, 0, 0, 0, 0, 1, 999, 1_000, 1_001, 2_000, 4_000, 64_000, 900_000,
        ],
    )
}

fn pick<T: Copy>(rng: &mut impl Rng, from: &[T]) -> T {
    *from.choose(rng).unwrap()
}
