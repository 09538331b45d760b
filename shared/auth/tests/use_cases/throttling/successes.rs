//! The number of logins that a user has in an hour.

use auth::{
    attempts::{Admission, CountSuccesses as _, LOGINS, Success, success_window},
    login::LoginError,
};

use super::{attempt, attempt_from, attempt_with, device_token, throttled};
use crate::{
    doubles::Unreachable,
    world::{EMAIL, PASSWORD, World, after},
};

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
