//! The limit on the logins of a user in an hour.

use auth::{
    attempts::{Admission, CountSuccesses as _, LOGINS, Success, success_window},
    login::LoginError,
};

use super::{attempt, attempt_from, attempt_with, device_token, throttled};
use crate::{
    doubles::{CredentialsOnly, Unreachable},
    session_cap::alive,
    world::{EMAIL, PASSWORD, World, after, email, password, request},
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

/// The first login beyond the limit stores a session and revokes it. Later logins in the same process store no session.
#[tokio::test]
async fn logins_beyond_the_limit_leave_no_sessions() {
    let world = World::new().await;
    let success = Success::Login(world.user.id.clone(), None);
    while world.store.count_success(&success, after(0)).await.unwrap() == Admission::Admitted {}

    for sessions in 0..3 {
        let refused = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;

        assert!(throttled(&refused).is_some(), "{sessions}: {refused:?}");
        assert_eq!(alive(&world, 0).await, []);
        assert_eq!(world.store.session_count(), 1);
    }
}

#[tokio::test]
async fn an_attempt_whose_user_cannot_be_read_is_taken_back() {
    let world = World::new().await;
    let half = CredentialsOnly(&world.store);

    for _ in 0..20 {
        let (email, password) = (email(EMAIL), password(PASSWORD));
        let request = request((&email, &password), None);
        let outcome = world
            .login_with(request, after(0), &half, &world.store, &Unreachable)
            .await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "{outcome:?}");
    }

    let login = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;
    assert!(login.is_ok(), "{login:?}");
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
