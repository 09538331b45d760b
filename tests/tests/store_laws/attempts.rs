//! Password attempts are counted by the rule, however many come at once.

use auth::{
    attempts::{
        Admission, CountAttempts, CountSources, CountSuccesses, DEVICE_LOGINS, LOGINS, Lane, MAX_LANES,
        PASSWORD_CHANGES, Pseudonym, PseudonymKey, SOURCE_WINDOW, SUCCESS_WINDOW, Success,
    },
    user::Email,
};
use claims::{DeviceId, Millis, Seconds, SessionId, TokenId, UserId};
use doubles::Memory;
use futures::future::join_all;
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use rstest::rstest;

use crate::{laws, tables::Tables};

const NOW: Millis = Millis::new(1_700_000_000_000);
/// The number of steps for each seed.
const STEPS: u64 = 2_000;
/// The number of attempts at which an item would exceed 400 KB.
const MANY_LANES: u64 = 2_300;

laws!(attempts:
    of_fifty_at_once_five_are_admitted
    of_fifty_at_once_from_one_source_each_is_counted
    an_attempt_that_comes_again_is_counted_once
    what_was_excused_is_admitted_again
    nothing_is_cleared_where_nothing_was_counted
    a_device_more_has_its_lane_however_many_there_were
    logins_are_limited_by_the_hour_and_more_strictly_for_each_device
    changes_of_a_password_are_limited_by_the_hour
);

async fn of_fifty_at_once_five_are_admitted(attempts: &impl CountAttempts) {
    for lane in lanes() {
        let ids: Vec<TokenId> = (0..50).map(id).collect();
        let counts = join_all(ids.iter().map(|id| attempts.count(&lane, id, NOW))).await;

        let admitted = counts.iter().filter(|count| matches!(count, Ok(Admission::Admitted)));
        let waiting = counts
            .iter()
            .filter(|count| matches!(count, Ok(Admission::Wait(wait)) if *wait == Seconds::new(1)));
        assert_eq!((admitted.count(), waiting.count()), (5, 45), "{lane:?}");
    }
}

async fn of_fifty_at_once_from_one_source_each_is_counted(attempts: &impl CountSources) {
    let source = source("192.0.2.1");
    let counts = join_all((0..50).map(|_| attempts.count_source(&source, 60, NOW))).await;
    assert!(counts.iter().all(|count| matches!(count, Ok(Admission::Admitted))));

    let more = join_all((0..50).map(|_| attempts.count_source(&source, 60, NOW))).await;

    let admitted = more.iter().filter(|count| matches!(count, Ok(Admission::Admitted)));
    assert_eq!(admitted.count(), 10);
}

async fn an_attempt_that_comes_again_is_counted_once(attempts: &impl CountAttempts) {
    for lane in lanes() {
        for number in [1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5] {
            assert_eq!(
                attempts.count(&lane, &id(number), NOW).await.unwrap(),
                Admission::Admitted
            );
        }

        let sixth = attempts.count(&lane, &id(6), NOW).await.unwrap();

        assert_eq!(sixth, Admission::Wait(Seconds::new(1)));
    }
}

async fn what_was_excused_is_admitted_again(attempts: &impl CountSources) {
    let source = source("192.0.2.1");
    for _ in 0..5 {
        assert_eq!(
            attempts.count_source(&source, 1, NOW).await.unwrap(),
            Admission::Admitted
        );
        assert!(matches!(
            attempts.count_source(&source, 1, NOW).await.unwrap(),
            Admission::Wait(_)
        ));
        attempts.excuse_source(&source, NOW).await.unwrap();
    }

    // Excusing more attempts than were counted admits no more attempts.
    attempts.excuse_source(&source, NOW).await.unwrap();
    assert_eq!(
        attempts.count_source(&source, 1, NOW).await.unwrap(),
        Admission::Admitted
    );
    assert!(matches!(
        attempts.count_source(&source, 1, NOW).await.unwrap(),
        Admission::Wait(_)
    ));
}

async fn nothing_is_cleared_where_nothing_was_counted(attempts: &(impl CountAttempts + CountSources)) {
    for lane in lanes() {
        attempts.clear(&lane).await.unwrap();
        attempts.excuse_source(&source("192.0.2.1"), NOW).await.unwrap();

        assert_eq!(attempts.count(&lane, &id(1), NOW).await.unwrap(), Admission::Admitted);
    }
}

async fn a_device_more_has_its_lane_however_many_there_were(attempts: &impl CountAttempts) {
    for number in 0..MANY_LANES {
        let lane = device(&format!("device-{number:015}"));

        let admission = attempts.count(&lane, &id(number), NOW).await.unwrap();

        assert_eq!(admission, Admission::Admitted, "{number}");
        if number % 20 == 0 {
            attempts.clear(&lane).await.unwrap();
        }
    }
}

async fn logins_are_limited_by_the_hour_and_more_strictly_for_each_device(attempts: &impl CountSuccesses) {
    let of_device = Success::Login(user(), Some(DeviceId::parse("one").unwrap()));
    let of_stranger = Success::Login(user(), None);

    let from_device = admitted(attempts, &of_device, NOW).await;
    let elsewhere = admitted(attempts, &of_stranger, NOW).await;

    assert_eq!((from_device, elsewhere), (DEVICE_LOGINS, LOGINS - DEVICE_LOGINS));
    let somebody_else = Success::Login(UserId::parse("somebody-else").unwrap(), None);
    let later = Millis::new(NOW.get().saturating_add(SUCCESS_WINDOW.get().saturating_mul(1_000)));
    for (success, now) in [(&somebody_else, NOW), (&of_device, later)] {
        assert_eq!(attempts.count_success(success, now).await.unwrap(), Admission::Admitted);
    }
}

async fn changes_of_a_password_are_limited_by_the_hour(attempts: &impl CountSuccesses) {
    let times = admitted(attempts, &Success::Change(user()), NOW).await;

    assert_eq!(times, PASSWORD_CHANGES);
    let login = Success::Login(user(), None);
    assert_eq!(attempts.count_success(&login, NOW).await.unwrap(), Admission::Admitted);
}

/// Makes more attempts than any window permits, ten at a time, and returns how many are admitted.
async fn admitted(attempts: &impl CountSuccesses, success: &Success, now: Millis) -> u64 {
    let mut all = Vec::new();
    for _ in 0..15 {
        all.extend(join_all((0..10).map(|_| attempts.count_success(success, now))).await);
    }
    let admissions = all.into_iter().map(Result::unwrap);
    admissions.map(|count| u64::from(count == Admission::Admitted)).sum()
}

/// The table and the double in memory, which calls the rule itself, get the same attempts.
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
        now = Millis::new(now.get().saturating_add(pause(rng)));
        let early = Millis::new(now.get().saturating_sub(pick(rng, &[0, 0, 0, 5_000])));
        let lane = lanes.choose(rng).unwrap();
        if rng.random_range(0..100) == 0 {
            memory.clear(lane).await.unwrap();
            tables.attempts.clear(lane).await.unwrap();
            continue;
        }
        // Some attempts come again, as after a lost answer.
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

/// Returns two lanes of each kind.
fn lanes() -> Vec<Lane> {
    vec![
        stranger("192.0.2.1"),
        stranger("2001:db8::1"),
        change("one", false),
        change("two", true),
        device("one"),
        device("two"),
    ]
}

fn device(name: &str) -> Lane {
    Lane::Device(address(), DeviceId::parse(name).unwrap())
}

fn stranger(ip: &str) -> Lane {
    Lane::Stranger {
        address: address(),
        source: source(ip),
    }
}

fn change(sid: &str, is_fresh: bool) -> Lane {
    Lane::Change {
        user_id: user(),
        sid: SessionId::parse(sid).unwrap(),
        is_fresh,
    }
}

fn user() -> UserId {
    UserId::parse("user").unwrap()
}

fn address() -> Pseudonym {
    key().hash_address(&Email::parse("ada@example.com").unwrap())
}

/// Returns the milliseconds to the next attempt: mostly none, otherwise near an edge of the rule, seldom a day.
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

fn source(ip: &str) -> Pseudonym {
    key().hash_source(ip)
}

fn key() -> PseudonymKey {
    PseudonymKey::parse(&"key".repeat(11)).unwrap()
}

fn id(number: u64) -> TokenId {
    TokenId::parse(format!("attempt-{number}")).unwrap()
}

fn pick<T: Copy>(rng: &mut impl Rng, from: &[T]) -> T {
    *from.choose(rng).unwrap()
}
