//! Throttling of the login attempts with one email address.

use auth::{login::LoginError, user::Status};

use super::{UNKNOWN, attempt, attempt_with, fail, throttled};
use crate::{
    doubles::Unreachable,
    world::{EMAIL, PASSWORD, World, after, email, password, request},
};

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
