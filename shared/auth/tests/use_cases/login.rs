//! Logging in.

use auth::{LoginError, Session, Status};
use claims::{Delivery, Seconds, SignError};

use crate::{
    doubles::{CredentialsOnly, Unreachable},
    world::{EMAIL, NOW, PASSWORD, World, client, keys},
};

#[tokio::test]
async fn each_refusal_has_its_cause_and_opens_no_session() {
    let world = World::new().await;

    let unknown = world
        .login("nobody@example.com", PASSWORD, &world.store, &Unreachable)
        .await;
    let wrong = world.login(EMAIL, "something else", &world.store, &Unreachable).await;
    world.set_status(Status::Disabled).await;
    let disabled = world.login(EMAIL, PASSWORD, &world.store, &Unreachable).await;
    let disabled_and_wrong = world.login(EMAIL, "something else", &world.store, &Unreachable).await;

    let id = &world.user.id;
    assert!(matches!(unknown, Err(LoginError::UnknownUser)), "{unknown:?}");
    assert!(
        matches!(&wrong, Err(LoginError::WrongPassword(user)) if user == id),
        "{wrong:?}"
    );
    assert!(
        matches!(&disabled, Err(LoginError::Disabled(user)) if user == id),
        "{disabled:?}"
    );
    assert!(
        matches!(&disabled_and_wrong, Err(LoginError::WrongPassword(user)) if user == id),
        "{disabled_and_wrong:?}"
    );
}

#[tokio::test]
async fn a_store_that_fails_half_way_does_not_tell_unknown_addresses_apart() {
    let world = World::new().await;
    let half = CredentialsOnly(&world.store);

    for (address, secret) in [
        (EMAIL, PASSWORD),
        (EMAIL, "something else"),
        ("nobody@example.com", PASSWORD),
    ] {
        let outcome = world.login(address, secret, &half, &Unreachable).await;

        assert!(matches!(outcome, Err(LoginError::Store(_))), "{address}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_login_opens_a_session_at_its_first_generation() {
    let world = World::new().await;

    let (user_id, tokens) = world
        .login(" ADA@example.com", PASSWORD, &world.store, &world.store)
        .await
        .unwrap();

    let now = NOW.timestamp();
    let expected = Session {
        user_id,
        sid: tokens.sid.clone(),
        generation: 0,
        issued_at: now,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: now.plus(Seconds::new(3_600)),
        expires_at: now.plus(Seconds::new(6_000)),
        epoch: 0,
        revoked: None,
        auth_time: now,
        client: client(),
    };
    assert_eq!(world.session(&tokens.sid).await, expected);
}

#[tokio::test]
async fn the_tokens_say_who_logged_in() {
    let world = World::new().await;

    let tokens = world.logged_in().await;

    let claims = world.read(&tokens, 0);
    assert_eq!((claims.sub(), claims.sid()), (&world.user.id, &tokens.sid));
    assert_eq!(claims.exp(), NOW.timestamp().plus(Seconds::new(900)));
    assert_eq!(claims.own().role.as_str(), "analyst");
    assert_eq!(claims.own().scope.as_str(), "reports:read");
    assert_eq!(claims.own().email, EMAIL);
    assert_eq!(claims.own().auth_time, NOW.timestamp());
    assert_eq!(tokens.expires_in, Seconds::new(900));
    assert_eq!(tokens.refresh_expires_in, Seconds::new(3_600));
    assert_eq!(tokens.delivery, Delivery::Body);
}

#[tokio::test]
async fn no_session_is_opened_that_has_no_tokens() {
    let mut world = World::new().await;
    world.keys = keys(NOW.timestamp().get() + 1);

    let outcome = world.login(EMAIL, PASSWORD, &world.store, &Unreachable).await;

    assert!(
        matches!(outcome, Err(LoginError::Sign(SignError::NoActiveKey))),
        "{outcome:?}"
    );
}
