//! Throttling of the login attempts from known devices.

use auth::{accounts::ReplacePassword as _, login::LoginError};

use super::{attempt, device_token, fail, throttled};
use crate::world::{EMAIL, PASSWORD, World, after, email};

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
    let second = second.device.as_ref().unwrap().token.expose().to_owned();
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

    // The first 15 failures are in the device's lane, and the next 15 in the lane of its source.
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

    // The first 25 failures are in the lanes of the devices, and the next five in the lane of the source.
    assert_eq!(failures, 30);
    assert_eq!(throttled(&next), Some(("address", 1)));
    let owner = attempt(&world, EMAIL, PASSWORD, Some(&devices[5]), after(21)).await;
    let again = attempt(&world, EMAIL, PASSWORD, Some(&devices[5]), after(21)).await;
    assert_eq!([owner.unwrap().lane, again.unwrap().lane], ["address", "device"]);
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
