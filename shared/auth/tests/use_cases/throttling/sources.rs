//! Throttling of the login attempts from one IP address, or from one site.

use auth::{
    login::{LoginError, LoginRequest},
    session::ClientDetails,
};

use super::{UNKNOWN, attempt, attempt_from, closed, device_token, throttled};
use crate::{
    doubles::{SourcesOnly, Unreachable},
    world::{EMAIL, PASSWORD, World, after, client, email, password, request},
};

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
async fn an_attempt_that_the_store_ended_uses_up_nothing_of_its_source() {
    let mut world = World::new().await;
    world.source_limit = Some(1);
    let (email, password) = (email(EMAIL), password(PASSWORD));
    let request = || request((&email, &password), None);

    for _ in 0..3 {
        let store = &world.store;
        let unread = world.login_with(request(), after(0), &Unreachable, store, store).await;
        let uncounted = world
            .login_with(request(), after(0), store, &SourcesOnly(store), store)
            .await;
        assert!(matches!(unread, Err(LoginError::Store(_))), "{unread:?}");
        assert!(matches!(uncounted, Err(LoginError::Store(_))), "{uncounted:?}");
    }
    let later = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;

    assert!(later.is_ok(), "{later:?}");
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
