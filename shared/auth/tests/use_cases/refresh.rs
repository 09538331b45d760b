//! Refreshing: rotations, repetitions, recoveries and thefts, and refreshes that fail halfway.

use auth::{
    session::{Recovery, RefreshError, RefreshedBy, RevokeReason},
    user::{FindUser as _, Status},
};
use claims::{Delivery, Refusal, SignError, Span};
use rstest::rstest;

use crate::{
    doubles::{Refusing, Unreachable},
    meanwhile::KeptMeanwhile,
    world::{At, EMAIL, NOW, World, after, email, keys, password, rng},
};

#[tokio::test]
async fn a_token_that_does_not_verify_has_no_claims_to_refresh_with() {
    let world = World::new().await;
    let tokens = world.logged_in().await;
    let token = tokens.refresh.expose();

    let tampered = format!("{}A", &token[..token.len() - 1]);
    for (bad, seconds, refusal) in [
        ("", 1, Refusal::NotCompact),
        (tampered.as_str(), 1, Refusal::BadSignature),
        // This access token is longer than the limit of refresh tokens, so its type is not checked.
        (tokens.access.expose(), 1, Refusal::TooLong),
        (token, 3_630, Refusal::Expired),
    ] {
        assert_eq!(world.claims(bad, seconds).unwrap_err(), refusal);
    }
}

#[tokio::test]
async fn a_token_is_taken_only_by_the_way_it_was_issued_for() {
    let world = World::new().await;
    let tokens = world.logged_in().await;

    let error = auth::session::refresh(
        &world.claims(tokens.refresh.expose(), 0).unwrap(),
        Delivery::Cookie,
        NOW,
        &mut rng(),
        &world.issuing(&world.keys),
        &world.rule,
        &world.caution,
        &Unreachable,
        &Unreachable,
        &Unreachable,
    )
    .await
    .unwrap_err();

    assert!(matches!(error, RefreshError::WrongDelivery), "{error:?}");
}

#[tokio::test]
async fn the_first_refresh_rotates_and_reads_the_user_again() {
    let world = World::new().await;
    let login = world.logged_in().await;
    auth::accounts::set_role(
        &email(EMAIL),
        "admin".parse().unwrap(),
        &At(0),
        &world.store,
        &world.store,
    )
    .await
    .unwrap();

    let refreshed = world.refresh(login.refresh.expose(), 1).await.unwrap();

    assert_eq!(refreshed.by, RefreshedBy::Rotation);
    assert_eq!(world.read(&refreshed.tokens, 1).own().role.as_str(), "admin");
    assert_ne!(refreshed.tokens.refresh.expose(), login.refresh.expose());
    let session = world.session(&login.sid).await;
    assert_eq!(
        (session.generation, session.delivered_at),
        (1, Some(after(1).timestamp()))
    );
}

#[rstest]
#[case::at_once(1, RefreshedBy::Repetition)]
#[case::last_second(11, RefreshedBy::Repetition)]
#[tokio::test]
async fn within_the_window_the_same_refresh_token_is_given_again(#[case] seconds: u64, #[case] by: RefreshedBy) {
    let world = World::new().await;
    let login = world.logged_in().await;
    let first = world.refresh(login.refresh.expose(), 1).await.unwrap();
    let before = world.session(&login.sid).await;

    let parent = world.refresh(login.refresh.expose(), seconds).await.unwrap();
    let current = world.refresh(first.tokens.refresh.expose(), seconds).await.unwrap();

    for again in [parent, current] {
        assert_eq!(again.by, by);
        assert_eq!(again.tokens.refresh.expose(), first.tokens.refresh.expose());
    }
    assert_eq!(world.session(&login.sid).await, before);
}

/// The cases are a repeated refresh within the window, and a recovery long after it.
#[rstest]
#[case::repeated(9, 20)]
#[case::recovered(3_600, 3_611)]
#[tokio::test]
async fn what_is_given_again_is_the_same_across_a_rotation_of_the_refresh_keys(
    #[case] seconds: u64,
    #[case] after_the_window: u64,
) {
    let mut world = World::new().await;
    world.rule.recovery = Recovery::On;
    let login = world.logged_in().await;
    let lost = world.refresh(login.refresh.expose(), 1).await.unwrap();
    world.add_refresh_key(5);

    let again = world.refresh(login.refresh.expose(), seconds).await.unwrap();
    let next = world
        .refresh(again.tokens.refresh.expose(), after_the_window)
        .await
        .unwrap();

    assert_eq!(again.tokens.refresh.expose(), lost.tokens.refresh.expose());
    let header = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_eq!(header(lost.tokens.refresh.expose()), header(login.refresh.expose()));
    assert_ne!(header(next.tokens.refresh.expose()), header(login.refresh.expose()));
}

#[tokio::test]
async fn after_the_window_the_current_token_rotates_and_its_parent_is_a_theft() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let first = world.refresh(login.refresh.expose(), 1).await.unwrap();
    let second = world.refresh(first.tokens.refresh.expose(), 12).await.unwrap();
    assert_eq!(second.by, RefreshedBy::Rotation);

    let theft = world.refresh(first.tokens.refresh.expose(), 23).await.unwrap_err();
    let current = world.refresh(second.tokens.refresh.expose(), 23).await.unwrap_err();

    assert!(
        matches!(&theft, RefreshError::Theft(user, sid, Delivery::Body) if *user == world.user.id && *sid == login.sid),
        "{theft:?}"
    );
    assert!(matches!(current, RefreshError::Over(..)), "{current:?}");
    assert_eq!(
        world.session(&login.sid).await.revoked,
        Some((after(23).timestamp(), RevokeReason::Theft))
    );
}

#[tokio::test]
async fn a_lost_answer_is_forgiven_if_configured_but_never_twice_in_a_row() {
    let mut world = World::new().await;
    world.rule.recovery = Recovery::On;
    let login = world.logged_in().await;
    let lost = world.refresh(login.refresh.expose(), 1).await.unwrap();

    let found = world.refresh(login.refresh.expose(), 60).await.unwrap();
    world.refresh(found.tokens.refresh.expose(), 120).await.unwrap();
    let again = world.refresh(found.tokens.refresh.expose(), 180).await.unwrap_err();

    assert_eq!(found.by, RefreshedBy::Recovery);
    assert_eq!(found.tokens.refresh.expose(), lost.tokens.refresh.expose());
    assert!(matches!(again, RefreshError::Theft(..)), "{again:?}");
}

/// A refresh rotates the session while it reads the user. If the user is disabled, nobody gets the new token. Disabling
/// raises the epoch and so ends the session. Without that, a retry would look like a theft once the user is enabled
/// again.
#[tokio::test]
async fn disabling_ends_the_session_that_a_refresh_of_the_disabled_user_moves_on() {
    let world = World::new().await;
    let login = world.logged_in().await;
    world.set_status(Status::Disabled).await;

    let disabled = world.refresh(login.refresh.expose(), 1).await.unwrap_err();
    let moved = world.session(&login.sid).await;
    world.set_status(Status::Enabled).await;
    let retried = world.refresh(login.refresh.expose(), 2).await.unwrap_err();
    let late = world.refresh(login.refresh.expose(), 60).await.unwrap_err();

    assert!(
        matches!(&disabled, RefreshError::Disabled(user) if *user == world.user.id),
        "{disabled:?}"
    );
    assert_eq!(moved.generation, 1);
    let user = world.store.user(&world.user.id).await.unwrap().unwrap();
    assert!(moved.epoch < user.epoch);
    for error in [retried, late] {
        assert!(matches!(error, RefreshError::Over(..)), "{error:?}");
    }
    assert_eq!(world.session(&login.sid).await, moved);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_without_writing_them() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let before = world.session(&login.sid).await;
    let new = password("a better password");
    let (hasher, store) = (&world.hasher, &world.store);
    auth::accounts::set_password(&email(EMAIL), &new, after(1), &mut rng(), hasher, store, store)
        .await
        .unwrap();
    assert_eq!(world.session(&login.sid).await, before);

    let error = world.refresh(login.refresh.expose(), 2).await.unwrap_err();

    assert!(matches!(error, RefreshError::Over(..)), "{error:?}");
}

/// The session's token is spent and late, which would be a theft in a session that is alive.
#[tokio::test]
async fn a_session_that_the_epoch_has_ended_is_never_stolen() {
    let mut world = World::new().await;
    world.rule.recovery = Recovery::Off;
    let login = world.logged_in().await;
    let token = login.refresh.expose();
    world.refresh(token, 1).await.unwrap();
    world.set_status(Status::Disabled).await;
    world.set_status(Status::Enabled).await;

    let error = world.refresh(token, 60).await.unwrap_err();

    assert!(matches!(error, RefreshError::Over(..)), "{error:?}");
    assert_eq!(world.session(&login.sid).await.revoked, None);
}

/// The refresh reads the user and writes the session at the same time. A logout of all other sessions happens after the
/// read and before the write.
#[tokio::test]
async fn a_later_epoch_than_the_one_read_means_reading_the_user_again() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let other = world.logged_in().await;
    let kept = KeptMeanwhile::new(&world.store, world.session(&login.sid).await);

    let kept_on = world
        .refresh_with(login.refresh.expose(), 1, &kept, &world.store, &world.keys)
        .await
        .unwrap();
    let ended = world.refresh(other.refresh.expose(), 1).await.unwrap_err();

    assert_eq!((kept_on.by, kept.reads()), (RefreshedBy::Rotation, 2));
    assert_eq!(world.read(&kept_on.tokens, 1).own().epoch, 1);
    assert!(matches!(ended, RefreshError::Over(..)), "{ended:?}");
}

#[tokio::test]
async fn rotation_never_moves_the_end_of_the_session() {
    let world = World::new().await;
    let login = world.logged_in().await;

    let late = world.refresh(login.refresh.expose(), 3_000).await.unwrap();
    let last = world.refresh(late.tokens.refresh.expose(), 5_990).await.unwrap();
    let over = world.refresh(last.tokens.refresh.expose(), 6_001).await.unwrap_err();

    assert_eq!(late.tokens.refresh_expires_in, Span::seconds(3_000));
    assert_eq!(last.tokens.refresh_expires_in, Span::seconds(10));
    assert!(matches!(over, RefreshError::Over(..)), "{over:?}");
}

#[tokio::test]
async fn without_an_active_key_the_session_stays_where_it_is() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let late = keys(after(100).timestamp().get());

    let outcome = world
        .refresh_with(login.refresh.expose(), 1, &Unreachable, &Unreachable, &late)
        .await;

    assert!(
        matches!(outcome, Err(RefreshError::Sign(SignError::NoActiveKey))),
        "{outcome:?}"
    );
}

/// If the process went on rotating sessions before it had read their users, an outage of the users' table would leave
/// many sessions rotated, and nobody would have their next tokens.
#[tokio::test]
async fn after_a_user_that_could_not_be_read_the_process_reads_users_before_it_rotates() {
    let world = World::new().await;
    let [first, second, third] = [
        world.logged_in().await,
        world.logged_in().await,
        world.logged_in().await,
    ];
    let mut generations = Vec::new();

    for (login, seconds) in [(&first, 1), (&second, 60), (&third, 121)] {
        let outcome = world
            .refresh_with(login.refresh.expose(), seconds, &Unreachable, &world.store, &world.keys)
            .await;
        assert!(matches!(outcome, Err(RefreshError::Store(_))), "{outcome:?}");
        generations.push(world.session(&login.sid).await.generation);
    }
    let kept = world.refresh(second.refresh.expose(), 122).await.unwrap();

    assert_eq!(generations, [1, 0, 1]);
    assert_eq!(kept.by, RefreshedBy::Rotation);
}

#[tokio::test]
async fn after_a_key_that_did_not_sign_a_retry_within_the_window_succeeds() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let token = login.refresh.expose();

    let refused = world
        .refresh_with(token, 1, &world.store, &world.store, &Refusing)
        .await;
    let retried = world.refresh(token, 11).await.unwrap();

    assert!(
        matches!(refused, Err(RefreshError::Sign(SignError::Refused))),
        "{refused:?}"
    );
    assert_eq!(retried.by, RefreshedBy::Repetition);
    assert!(world.refresh(retried.tokens.refresh.expose(), 60).await.is_ok());
}
