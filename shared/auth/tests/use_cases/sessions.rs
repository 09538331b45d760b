//! Sessions as their user sees them.

use auth::{LogoutScope, RevokeReason, SessionError, memory::Memory};
use claims::{SessionId, UserId};

use crate::world::{EMAIL, World, after, email};

#[tokio::test]
async fn sessions_are_listed_the_last_used_first() {
    let world = World::new().await;
    let (first, second, third) = (
        world.logged_in().await,
        world.logged_in().await,
        world.logged_in().await,
    );
    world.refresh(second.refresh.expose(), 20).await.unwrap();
    world.refresh(first.refresh.expose(), 10).await.unwrap();

    assert_eq!(listed(&world, 30).await, [second.sid, first.sid, third.sid]);
}

#[tokio::test]
async fn sessions_that_are_over_are_not_listed() {
    let world = World::new().await;
    let (idle, revoked, kept) = (
        world.logged_in().await,
        world.logged_in().await,
        world.logged_in().await,
    );
    world.logout(revoked.refresh.expose(), LogoutScope::Session, 1).await;
    world.refresh(kept.refresh.expose(), 3_000).await.unwrap();

    assert_eq!(listed(&world, 3_629).await, [kept.sid.clone(), idle.sid]);
    assert_eq!(listed(&world, 3_630).await, [kept.sid]);
}

#[tokio::test]
async fn sessions_of_an_earlier_epoch_are_not_listed() {
    let world = World::new().await;
    world.logged_in().await;
    auth::end_sessions(&email(EMAIL), after(0), &world.store, &world.store, &world.store)
        .await
        .unwrap();

    assert_eq!(listed(&world, 1).await, []);
}

#[tokio::test]
async fn a_session_is_ended_by_its_user_alone() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let stranger = UserId::new(after(0), [7; 10]);

    let foreign = revoke(&world.store, &stranger, &login.sid).await;
    assert!(matches!(foreign, Err(SessionError::Unknown)), "{foreign:?}");
    assert!(world.session(&login.sid).await.revoked.is_none());

    for _ in 0..2 {
        revoke(&world.store, &world.user.id, &login.sid).await.unwrap();
    }
    assert_eq!(
        world.session(&login.sid).await.revoked,
        Some((after(1).timestamp(), RevokeReason::Revoked))
    );
}

async fn listed(world: &World, seconds: u64) -> Vec<SessionId> {
    let now = after(seconds).timestamp();
    let sessions = auth::list_sessions(&world.user.id, now, &world.store, &world.store)
        .await
        .unwrap();
    sessions.into_iter().map(|session| session.sid).collect()
}

async fn revoke(store: &Memory, user_id: &UserId, sid: &SessionId) -> Result<(), SessionError> {
    auth::revoke_session(user_id, sid, after(1), store, store).await
}
