//! The laws of `CountAttempts`, `ManageAttempts`, `CountSources` and `CountSuccesses`.

mod table;

use auth::{
    attempts::{
        Admission, CountAttempts, CountSources, CountSuccesses, DEVICE_LOGINS, LOGINS, Lane, ManageAttempts,
        PASSWORD_CHANGES, Pseudonym, PseudonymKey, SUCCESS_WINDOW, Success,
    },
    user::Email,
};
use claims::{DeviceId, Moment, SessionId, Span, TokenId, UserId};
use futures::future::join_all;

use crate::laws;

const NOW: Moment = Moment::new(1_700_000_000_000);
/// A number of lanes that would make an item exceed DynamoDB's limit of 400 KB.
const MANY_LANES: u64 = 2_300;

laws!(attempts:
    of_fifty_at_once_five_are_admitted
    of_fifty_at_once_from_one_source_each_is_counted
    an_attempt_that_comes_again_is_counted_once
    what_was_excused_is_admitted_again
    an_attempt_that_is_taken_back_makes_room_for_one_more
    nothing_is_cleared_where_nothing_was_counted
    what_was_removed_counts_no_more_and_nothing_else_is_removed
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
            .filter(|count| matches!(count, Ok(Admission::Wait(wait)) if *wait == Span::seconds(1)));
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

        assert_eq!(sixth, Admission::Wait(Span::seconds(1)));
    }
}

async fn what_was_removed_counts_no_more_and_nothing_else_is_removed(attempts: &(impl CountAttempts + ManageAttempts)) {
    let lanes = lanes();
    for lane in &lanes {
        assert_eq!(attempts.attempts(&lane.record()).await.unwrap(), None);
    }
    for lane in &lanes {
        for number in 0..6 {
            attempts.count(lane, &id(number), NOW).await.unwrap();
        }
    }

    for lane in &lanes {
        let record = attempts.attempts(&lane.record()).await.unwrap().unwrap();
        assert!(record.lanes[lane.key()].failures >= 5, "{lane:?}");
    }
    let [first, rest @ ..] = &lanes[..] else { panic!() };
    for _ in 0..2 {
        attempts.remove_attempts(&first.record()).await.unwrap();
    }

    assert_eq!(attempts.attempts(&first.record()).await.unwrap(), None);
    let admission = attempts.count(first, &id(9), NOW).await.unwrap();
    assert_eq!(admission, Admission::Admitted);
    for lane in rest.iter().filter(|lane| lane.record() != first.record()) {
        let admission = attempts.count(lane, &id(9), NOW).await.unwrap();
        assert_eq!(admission, Admission::Wait(Span::seconds(1)), "{lane:?}");
    }
}

/// Taking back the same attempt a second time, as after a lost answer, takes back no other attempt.
async fn an_attempt_that_is_taken_back_makes_room_for_one_more(attempts: &impl CountAttempts) {
    for lane in lanes() {
        for number in 0..5 {
            let admission = attempts.count(&lane, &id(number), NOW).await.unwrap();
            assert_eq!(admission, Admission::Admitted);
        }

        attempts.take_back(&lane, &id(3)).await.unwrap();
        for _ in 0..2 {
            attempts.take_back(&lane, &id(4)).await.unwrap();
        }

        let next = [
            attempts.count(&lane, &id(5), NOW).await.unwrap(),
            attempts.count(&lane, &id(6), NOW).await.unwrap(),
        ];
        assert_eq!(
            next,
            [Admission::Admitted, Admission::Wait(Span::seconds(1))],
            "{lane:?}"
        );
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

    // Excusing more attempts than were counted does not raise the limit.
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
    let later = Moment::new(NOW.get().saturating_add(SUCCESS_WINDOW.get().saturating_mul(1_000)));
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

/// Counts more successes than any window permits, ten at a time, and returns how many are admitted.
async fn admitted(attempts: &impl CountSuccesses, success: &Success, now: Moment) -> u64 {
    let mut all = Vec::new();
    for _ in 0..15 {
        all.extend(join_all((0..10).map(|_| attempts.count_success(success, now))).await);
    }
    let admissions = all.into_iter().map(Result::unwrap);
    admissions.map(|count| u64::from(count == Admission::Admitted)).sum()
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

fn source(ip: &str) -> Pseudonym {
    key().hash_source(ip)
}

fn key() -> PseudonymKey {
    PseudonymKey::parse(&"key".repeat(11)).unwrap()
}

fn id(number: u64) -> TokenId {
    TokenId::parse(format!("attempt-{number}")).unwrap()
}
