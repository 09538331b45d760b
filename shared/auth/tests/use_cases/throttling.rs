//! Throttling of password attempts.

use auth::{
    accounts::ReplacePassword as _,
    attempts::{Admission, CountSuccesses as _, LOGINS, Success, success_window},
    login::{LoggedIn, LoginError, LoginRequest},
    session::ClientDetails,
    user::Status,
};
use claims::Millis;

use crate::{
    doubles::Unreachable,
    world::{EMAIL, LoginSessions, PASSWORD, World, after, client, client_at, email, password, request},
};

const UNKNOWN: &str = "nobody@example.com";

#[tokio::test]
async fn the_sixth_attempt_waits_whether_or_not_the_address_is_known() {
    for address in [EMAIL, UNKNOWN] {
        let world = World::new().await;
        fail(&world, address, 5).await;

        let sixth = attempt(&world, address, PASSWORD, None, after(0)).await;

        assert_eq!(throttled(&sixth), Some(("address", 1)), "{address}");
    }
}

#[tokio::test]
async fn a_waiting_attempt_is_not_checked_and_does_not_lengthen_the_wait() {
    let world = World::new().await;
    fail(&world, EMAIL, 5).await;

    let refused = [0, 0, 0].map(|seconds| attempt(&world, EMAIL, PASSWORD, None, after(seconds)));
    for refused in refused {
        assert_eq!(throttled(&refused.await), Some(("address", 1)));
    }
    let after_the_wait = attempt(&world, EMAIL, PASSWORD, None, after(1)).await;

    assert!(after_the_wait.is_ok(), "{after_the_wait:?}");
}

#[tokio::test]
async fn each_failure_after_a_wait_doubles_the_next_one() {
    let world = World::new().await;
    fail(&world, EMAIL, 5).await;
    let mut now = 0;

    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
        let too_soon = attempt(&world, EMAIL, "wrong", None, after(now + wait - 1)).await;
        now += wait;
        let in_time = attempt(&world, EMAIL, "wrong", None, after(now)).await;

        assert_eq!(throttled(&too_soon), Some(("address", 1)), "{wait}");
        assert!(matches!(in_time, Err(LoginError::WrongPassword(_))), "{in_time:?}");
    }
}

#[tokio::test]
async fn a_success_clears_the_failures_before_it() {
    let world = World::new().await;
    for _ in 0..3 {
        fail(&world, EMAIL, 4).await;

        let right = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;

        assert!(right.is_ok(), "{right:?}");
    }
}

#[tokio::test]
async fn a_right_password_of_a_disabled_user_is_a_failure_like_any_other() {
    let world = World::new().await;
    world.set_status(Status::Disabled).await;
    for _ in 0..5 {
        let refused = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;
        assert!(matches!(refused, Err(LoginError::Disabled(_))), "{refused:?}");
    }

    let sixth = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;

    assert_eq!(throttled(&sixth), Some(("address", 1)));
}

#[tokio::test]
async fn failures_are_forgotten_after_a_day() {
    let world = World::new().await;
    fail(&world, EMAIL, 5).await;
    attempt(&world, EMAIL, "wrong", None, after(1)).await.unwrap_err();

    let day = 24 * 60 * 60;
    for _ in 0..5 {
        let wrong = attempt(&world, EMAIL, "wrong", None, after(1 + day)).await;
        assert!(matches!(wrong, Err(LoginError::WrongPassword(_))), "{wrong:?}");
    }

    let sixth = attempt(&world, EMAIL, "wrong", None, after(1 + day)).await;
    assert_eq!(throttled(&sixth), Some(("address", 1)));
}

#[tokio::test]
async fn an_attempt_that_the_store_cuts_short_is_not_a_failure() {
    let world = World::new().await;
    let (email, password) = (email(EMAIL), password(PASSWORD));
    for _ in 0..20 {
        let half = crate::doubles::CredentialsOnly(&world.store);
        let outcome = world
            .login_with(
                request((&email, &password), None),
                after(0),
                &half,
                &world.store,
                &world.store,
            )
            .await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "{outcome:?}");
    }

    assert!(attempt(&world, EMAIL, PASSWORD, None, after(0)).await.is_ok());
}

#[tokio::test]
async fn a_right_password_without_a_session_is_not_a_failure() {
    let world = World::new().await;
    for _ in 0..20 {
        let outcome = attempt_with(&world, EMAIL, PASSWORD, None, after(0), &Unreachable).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "{outcome:?}");
    }

    assert!(attempt(&world, EMAIL, PASSWORD, None, after(0)).await.is_ok());
}

#[tokio::test]
async fn an_owner_logs_in_from_a_known_device_while_a_stranger_tries() {
    let world = World::new().await;
    let device = device_token(&world, after(0)).await;
    fail(&world, EMAIL, 5).await;
    for seconds in 1..600 {
        attempt(&world, EMAIL, "guess", None, after(seconds)).await.unwrap_err();
    }

    let stranger = attempt(&world, EMAIL, PASSWORD, None, after(600)).await;
    let owner = attempt(&world, EMAIL, PASSWORD, Some(&device), after(600)).await;

    assert!(throttled(&stranger).is_some(), "{stranger:?}");
    assert_eq!(owner.unwrap().lane, "device");
}

#[tokio::test]
async fn a_success_on_a_known_device_does_not_help_a_stranger() {
    let world = World::new().await;
    let device = device_token(&world, after(0)).await;
    fail(&world, EMAIL, 5).await;

    attempt(&world, EMAIL, PASSWORD, Some(&device), after(0)).await.unwrap();

    let stranger = attempt(&world, EMAIL, "guess", None, after(0)).await;
    assert_eq!(throttled(&stranger), Some(("address", 1)));
}

#[tokio::test]
async fn a_known_device_waits_without_delaying_others() {
    let world = World::new().await;
    let [stolen, other] = [
        device_token(&world, after(0)).await,
        device_token(&world, after(1)).await,
    ];
    for _ in 0..5 {
        attempt(&world, EMAIL, "guess", Some(&stolen), after(2))
            .await
            .unwrap_err();
    }

    let sixth = attempt(&world, EMAIL, "guess", Some(&stolen), after(2)).await;
    let elsewhere = attempt(&world, EMAIL, PASSWORD, None, after(2)).await;
    let other = attempt(&world, EMAIL, PASSWORD, Some(&other), after(2)).await;

    assert_eq!(throttled(&sixth), Some(("device", 1)));
    assert_eq!(elsewhere.unwrap().lane, "address");
    assert_eq!(other.unwrap().lane, "device");
}

#[tokio::test]
async fn a_device_keeps_its_id_with_every_new_token() {
    let world = World::new().await;
    let first = device_token(&world, after(0)).await;
    let second = attempt(&world, EMAIL, PASSWORD, Some(&first), after(1)).await.unwrap();
    let second = second.device.token.expose().to_owned();
    assert_ne!(first, second);
    for _ in 0..5 {
        attempt(&world, EMAIL, "guess", Some(&first), after(2))
            .await
            .unwrap_err();
    }

    let sixth = attempt(&world, EMAIL, "guess", Some(&second), after(2)).await;

    assert_eq!(throttled(&sixth), Some(("device", 1)));
}

#[tokio::test]
async fn a_stolen_device_uses_up_its_own_lane_and_not_that_of_another() {
    let mut world = World::new().await;
    world.source_limit = None;
    let [stolen, other] = [
        device_token(&world, after(0)).await,
        device_token(&world, after(1)).await,
    ];
    let mut failures = 0;
    for seconds in 2..2_100 {
        let outcome = attempt(&world, EMAIL, "guess", Some(&stolen), after(seconds)).await;
        failures += u64::from(matches!(outcome, Err(LoginError::WrongPassword(_))));
    }

    let owner = attempt(&world, EMAIL, PASSWORD, Some(&other), after(2_100)).await;

    // In the device's lane, and then as many as a stranger.
    assert_eq!(failures, 15 + 15);
    assert_eq!(owner.unwrap().lane, "device");
}

#[tokio::test]
async fn stolen_devices_fail_twenty_five_times_before_they_count_as_strangers() {
    let world = World::new().await;
    let mut devices = Vec::new();
    for number in 0..6 {
        devices.push(device_token(&world, after(number)).await);
    }
    let mut failures = 0;
    for device in &devices {
        for _ in 0..5 {
            let outcome = attempt(&world, EMAIL, "guess", Some(device), after(20)).await;
            failures += u64::from(matches!(outcome, Err(LoginError::WrongPassword(_))));
        }
    }

    let next = attempt(&world, EMAIL, PASSWORD, Some(&devices[5]), after(20)).await;

    // Twenty-five of the devices, and five of strangers.
    assert_eq!(failures, 30);
    assert_eq!(throttled(&next), Some(("address", 1)));
    let owner = attempt(&world, EMAIL, PASSWORD, Some(&devices[5]), after(21)).await;
    let again = attempt(&world, EMAIL, PASSWORD, Some(&devices[5]), after(21)).await;
    assert_eq!([owner.unwrap().lane, again.unwrap().lane], ["address", "device"]);
}

#[tokio::test]
async fn an_attacker_elsewhere_does_not_lock_out_an_owner_without_a_device() {
    let world = World::new().await;
    for seconds in 0..600 {
        attempt_from(&world, "192.0.2.1", EMAIL, "guess", after(seconds))
            .await
            .unwrap_err();
    }

    let beside_them = attempt_from(&world, "192.0.2.1", EMAIL, PASSWORD, after(600)).await;
    let owner = attempt_from(&world, "198.51.100.1", EMAIL, PASSWORD, after(600)).await;

    assert!(throttled(&beside_them).is_some(), "{beside_them:?}");
    assert_eq!(owner.unwrap().lane, "address");
}

#[tokio::test]
async fn many_sources_fail_fifty_times_and_then_once_in_fifteen_minutes() {
    let mut world = World::new().await;
    world.source_limit = None;
    for address in [EMAIL, UNKNOWN] {
        let mut failures = 0;
        for number in 0..100 {
            let guess = attempt_from(&world, &format!("192.0.2.{number}"), address, "guess", after(0)).await;
            failures += u64::from(throttled(&guess).is_none());
        }

        let waiting = attempt_from(&world, "198.51.100.1", address, "guess", after(899)).await;
        let in_time = attempt_from(&world, "198.51.100.1", address, "guess", after(900)).await;
        let next = attempt_from(&world, "198.51.100.2", address, "guess", after(900)).await;

        assert_eq!(failures, 50);
        assert_eq!(throttled(&waiting), Some(("address", 1)));
        assert_eq!(throttled(&in_time), None);
        assert_eq!(throttled(&next), Some(("address", 900)));
    }
}

#[tokio::test]
async fn many_sources_of_a_site_share_the_limit_of_the_site() {
    let mut world = World::new().await;
    world.source_limit = Some(2);
    let guess = async |ip: String, number: u64| {
        let outcome = attempt_from(&world, &ip, &format!("{number}@example.com"), "guess", after(0)).await;
        throttled(&outcome).map(|(lane, _)| lane)
    };
    for number in 0..20 {
        assert_eq!(guess(format!("2001:db8:1:{number:x}::1"), number).await, None);
    }

    let same_site = guess("2001:db8:1:ffff::1".to_owned(), 20).await;
    let other_site = guess("2001:db8:2:ffff::1".to_owned(), 21).await;

    assert_eq!((same_site, other_site), (Some("source"), None));
}

#[tokio::test]
async fn a_success_uses_up_nothing_of_its_site() {
    let mut world = World::new().await;
    world.source_limit = Some(1);
    for number in 0..12 {
        let right = attempt_from(&world, &format!("2001:db8:1:{number:x}::1"), EMAIL, PASSWORD, after(0)).await;

        assert!(right.is_ok(), "{right:?}");
    }
}

#[tokio::test]
async fn too_many_logins_wait_and_a_wrong_password_does_not_reveal_that() {
    let world = World::new().await;
    let device = device_token(&world, after(0)).await;
    while let Admission::Admitted = world
        .store
        .count_success(&Success::Login(world.user.id.clone(), None), after(0))
        .await
        .unwrap()
    {}
    let (_, left) = success_window(after(0));

    let wrong = attempt(&world, EMAIL, "wrong", None, after(0)).await;
    for device in [None, Some(device.as_str())] {
        let right = attempt_with(&world, EMAIL, PASSWORD, device, after(0), &Unreachable).await;

        assert_eq!(throttled(&right), Some(("logins", left.get())));
    }
    let later = attempt(&world, EMAIL, PASSWORD, None, after(left.get())).await;

    assert!(matches!(wrong, Err(LoginError::WrongPassword(_))), "{wrong:?}");
    assert!(later.is_ok(), "{later:?}");
}

#[tokio::test]
async fn wrong_passwords_use_up_nothing_of_a_users_logins() {
    let world = World::new().await;
    for number in 0..130 {
        attempt_from(&world, &format!("192.0.2.{number}"), EMAIL, "guess", after(0))
            .await
            .unwrap_err();
    }
    let success = Success::Login(world.user.id.clone(), None);

    let mut left = 0;
    while world.store.count_success(&success, after(0)).await.unwrap() == Admission::Admitted {
        left += 1;
    }

    assert_eq!(left, LOGINS);
}

#[tokio::test]
async fn a_device_token_is_of_its_user_its_password_and_its_time() {
    let world = World::new().await;
    let device = device_token(&world, after(0)).await;
    let half_a_year = 180 * 24 * 60 * 60;
    let cases = [
        (device.as_str(), 0, "device"),
        (device.as_str(), half_a_year, "device"),
        (device.as_str(), half_a_year + 30, "address"),
        ("", 0, "address"),
        ("no.token.this", 0, "address"),
    ];
    for (token, seconds, lane) in cases {
        let login = attempt(&world, EMAIL, PASSWORD, Some(token), after(seconds))
            .await
            .unwrap();
        assert_eq!(login.lane, lane, "after {seconds} s");
    }

    let changed = auth::password::PasswordRecord {
        password_changed_at: after(1).timestamp(),
        ..auth::password::FindPassword::password_record(&world.store, &email(EMAIL))
            .await
            .unwrap()
            .unwrap()
    };
    world.store.replace_password(&email(EMAIL), &changed).await.unwrap();
    let login = attempt(&world, EMAIL, PASSWORD, Some(&device), after(2)).await.unwrap();

    assert_eq!(login.lane, "address");
}

#[tokio::test]
async fn a_refresh_or_access_token_makes_no_device_known() {
    let world = World::new().await;
    let login = attempt(&world, EMAIL, PASSWORD, None, after(0)).await.unwrap();
    for token in [login.tokens.refresh.expose(), login.tokens.access.expose()] {
        let again = attempt(&world, EMAIL, PASSWORD, Some(token), after(0)).await.unwrap();

        assert_eq!(again.lane, "address");
    }
}

#[tokio::test]
async fn a_device_token_is_not_a_refresh_token() {
    let world = World::new().await;
    let device = device_token(&world, after(0)).await;

    assert!(world.claims(&device, 60).is_err());
}

#[tokio::test]
async fn a_source_has_a_limit_of_failures_in_fifteen_minutes() {
    let mut world = World::new().await;
    world.source_limit = Some(12);
    for number in 0..12 {
        let wrong = attempt(&world, &format!("{number}@example.com"), "guess", None, after(0)).await;
        assert!(matches!(wrong, Err(LoginError::UnknownUser(_))), "{wrong:?}");
    }

    let next = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;
    let (seconds, lane) = match next {
        Err(LoginError::Throttled { retry_after, lane, .. }) => (retry_after.get(), lane),
        other => panic!("{other:?}"),
    };
    let later = attempt(&world, EMAIL, PASSWORD, None, after(seconds)).await;

    assert_eq!(lane, "source");
    assert!(later.is_ok(), "{later:?}");
}

#[tokio::test]
async fn a_success_uses_up_nothing_of_its_source() {
    let mut world = World::new().await;
    world.source_limit = Some(1);

    for _ in 0..5 {
        let right = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;
        assert!(right.is_ok(), "{right:?}");
    }
}

#[tokio::test]
async fn a_known_device_is_admitted_from_a_source_that_others_have_used_up() {
    let mut world = World::new().await;
    let device = device_token(&world, after(0)).await;
    world.source_limit = Some(1);
    attempt(&world, UNKNOWN, "guess", None, after(0)).await.unwrap_err();

    let owner = attempt(&world, EMAIL, PASSWORD, Some(&device), after(0)).await;
    let stranger = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;

    assert_eq!(owner.unwrap().lane, "device");
    assert_eq!(throttled(&stranger).map(|(lane, _)| lane), Some("source"));
}

#[tokio::test]
async fn a_closed_source_is_refused_without_a_read_until_its_window_ends() {
    let mut world = World::new().await;
    world.source_limit = Some(1);
    attempt(&world, UNKNOWN, "guess", None, after(0)).await.unwrap_err();
    let seen = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;
    assert_eq!(throttled(&seen).map(|(lane, _)| lane), Some("source"));
    let left = throttled(&seen).map(|(_, seconds)| seconds).unwrap();

    for (address, device) in [(EMAIL, None), (UNKNOWN, None), (EMAIL, Some("no.token.this"))] {
        let (email, password) = (email(address), password(PASSWORD));
        let refused = world
            .login_with(
                request((&email, &password), device),
                after(1),
                &Unreachable,
                &Unreachable,
                &Unreachable,
            )
            .await;
        assert_eq!(closed(&refused), Some(left - 1), "{refused:?}");
    }
    let later = attempt(&world, EMAIL, PASSWORD, None, after(left)).await;

    assert!(later.is_ok(), "{later:?}");
}

#[tokio::test]
async fn a_device_of_another_user_costs_one_read_from_a_closed_source() {
    let mut world = World::new().await;
    let device = device_token(&world, after(0)).await;
    world.source_limit = Some(1);
    for _ in 0..2 {
        attempt(&world, UNKNOWN, "guess", None, after(0)).await.unwrap_err();
    }

    let (email, password) = (email(UNKNOWN), password(PASSWORD));
    let users = crate::doubles::CredentialsOnly(&world.store);
    let stranger = request((&email, &password), Some(&device));
    let stranger = world
        .login_with(stranger, after(0), &users, &Unreachable, &Unreachable)
        .await;
    let owner = attempt(&world, EMAIL, PASSWORD, Some(&device), after(0)).await;

    assert!(closed(&stranger).is_some(), "{stranger:?}");
    assert_eq!(owner.unwrap().lane, "device");
}

#[tokio::test]
async fn a_source_that_is_not_known_or_not_limited_is_not_counted() {
    let mut world = World::new().await;
    for limit in [None, Some(1)] {
        world.source_limit = limit;
        let ip = limit.is_none().then(|| "192.0.2.1".to_owned());
        for number in 0..3 {
            let (email, password) = (email(&format!("{number}@example.com")), password("guess"));
            let request = LoginRequest {
                client: ClientDetails {
                    ip: ip.clone(),
                    ..client()
                },
                ..request((&email, &password), None)
            };
            let outcome = world
                .login_with(request, after(0), &world.store, &world.store, &world.store)
                .await;

            assert!(matches!(outcome, Err(LoginError::UnknownUser(_))), "{outcome:?}");
        }
    }
}

async fn attempt(
    world: &World,
    address: &str,
    secret: &str,
    device: Option<&str>,
    now: Millis,
) -> Result<LoggedIn, LoginError> {
    attempt_with(world, address, secret, device, now, &world.store).await
}

/// Attempts a login from this network address, without a device token.
async fn attempt_from(
    world: &World,
    ip: &str,
    address: &str,
    secret: &str,
    now: Millis,
) -> Result<LoggedIn, LoginError> {
    let (email, password) = (email(address), password(secret));
    let request = LoginRequest {
        client: client_at(ip),
        ..request((&email, &password), None)
    };
    world
        .login_with(request, now, &world.store, &world.store, &world.store)
        .await
}

async fn attempt_with(
    world: &World,
    address: &str,
    secret: &str,
    device: Option<&str>,
    now: Millis,
    sessions: &impl LoginSessions,
) -> Result<LoggedIn, LoginError> {
    let (email, password) = (email(address), password(secret));
    let request = request((&email, &password), device);
    world
        .login_with(request, now, &world.store, &world.store, sessions)
        .await
}

/// Fails this often at the very beginning.
async fn fail(world: &World, address: &str, times: usize) {
    for _ in 0..times {
        let outcome = attempt(world, address, "wrong", None, after(0)).await;
        assert_eq!(throttled(&outcome), None);
    }
}

/// Logs in and returns the token of a new device.
async fn device_token(world: &World, now: Millis) -> String {
    let login = attempt(world, EMAIL, PASSWORD, None, now).await.unwrap();
    login.device.token.expose().to_owned()
}

/// Returns the seconds that a source stays closed, if it was refused without asking a store.
fn closed(outcome: &Result<LoggedIn, LoginError>) -> Option<u64> {
    match outcome {
        Err(LoginError::SourceClosed { retry_after }) => Some(retry_after.get()),
        _ => None,
    }
}

/// Returns the lane that refused an attempt, and the seconds that it has to wait.
fn throttled(outcome: &Result<LoggedIn, LoginError>) -> Option<(&'static str, u64)> {
    match outcome {
        Err(LoginError::Throttled { lane, retry_after, .. }) => Some((lane, retry_after.get())),
        Err(LoginError::SourceClosed { retry_after }) => Some(("source", retry_after.get())),
        _ => None,
    }
}
