//! Disabling and deleting a user, and ending their sessions.

use auth::{
    accounts::UserError,
    feed::{Cursor, ReadAnnounced as _, Revocation},
    password::FindPassword as _,
    session::FindSession as _,
    user::{FindUser as _, Status},
};
use claims::Moment;
use doubles::Memory;

use crate::{
    doubles::Unreachable,
    world::{EMAIL, PASSWORD, World, after, email},
};

#[tokio::test]
async fn all_sessions_of_a_user_can_be_ended() {
    let world = World::new().await;
    let login = world.logged_in().await;

    let user = auth::accounts::end_sessions(&email(EMAIL), after(1), &world.store, &world.store, &world.store)
        .await
        .unwrap();

    assert_eq!(world.store.user(&user.id).await.unwrap(), Some(user));
    assert!(world.refresh(login.refresh.expose(), 1).await.is_err());
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_behind() {
    let world = World::new().await;
    let store = &world.store;
    let login = world.logged_in().await;

    let user = auth::accounts::delete_user(&email(EMAIL), after(1), store, store, store, store)
        .await
        .unwrap();

    assert_eq!(user.id, world.user.id);
    assert_eq!(store.user(&user.id).await.unwrap(), None);
    assert_eq!(store.password_record(&email(EMAIL)).await.unwrap(), None);
    assert_eq!(store.session(&user.id, &login.sid).await.unwrap(), None);
    assert!(world.refresh(login.refresh.expose(), 2).await.is_err());
    assert_eq!(ended_epochs(store).await, [1]);
}

#[tokio::test]
async fn enabling_a_user_revives_neither_a_session_nor_a_token() {
    let world = World::new().await;
    let store = &world.store;
    let login = world.logged_in().await;

    auth::accounts::disable_user(&email(EMAIL), after(1), store, store)
        .await
        .unwrap();
    auth::accounts::enable_user(&email(EMAIL), store).await.unwrap();

    assert!(world.refresh(login.refresh.expose(), 2).await.is_err());
    // Every token of an earlier epoch is refused, even if it was issued after the announcement.
    assert_eq!(ended_epochs(store).await, [1]);
    assert!(world.login(EMAIL, PASSWORD, store, store).await.is_ok());
}

#[tokio::test]
async fn a_disabling_that_was_not_announced_is_announced_by_the_next() {
    let world = World::new().await;
    let store = &world.store;

    let unannounced = auth::accounts::disable_user(&email(EMAIL), after(1), store, &Unreachable).await;
    assert!(matches!(unannounced, Err(UserError::Store(_))), "{unannounced:?}");
    let user = auth::accounts::disable_user(&email(EMAIL), after(2), store, store)
        .await
        .unwrap();

    assert_eq!(ended_epochs(store).await, [user.epoch]);
}

#[tokio::test]
async fn a_user_whose_deletion_breaks_off_is_disabled_until_it_is_done_again() {
    let world = World::new().await;
    let store = &world.store;
    let login = world.logged_in().await;

    let unannounced = auth::accounts::delete_user(&email(EMAIL), after(1), store, store, store, &Unreachable).await;
    assert!(matches!(unannounced, Err(UserError::Store(_))), "{unannounced:?}");
    assert!(store.session(&world.user.id, &login.sid).await.unwrap().is_some());
    let unswept = auth::accounts::delete_user(&email(EMAIL), after(1), store, &Unreachable, store, store).await;
    assert!(matches!(unswept, Err(UserError::Store(_))), "{unswept:?}");
    let user = store.user(&world.user.id).await.unwrap().unwrap();
    assert_eq!(user.status, Status::Disabled);
    assert!(world.login(EMAIL, PASSWORD, store, store).await.is_err());

    auth::accounts::delete_user(&email(EMAIL), after(2), store, store, store, store)
        .await
        .unwrap();
    assert_eq!(doubles::everyone(store).await.unwrap(), []);
}

/// Returns the announced epochs. Tokens of the same or a higher epoch stay valid.
async fn ended_epochs(store: &Memory) -> Vec<u64> {
    let page = store
        .page(&Cursor::from_millis(Moment::new(0)), after(0))
        .await
        .unwrap();
    let announced = page.revocations.into_iter();
    let least = announced.filter_map(|(_, revocation)| match revocation {
        Revocation::Epoch {
            least, except: None, ..
        } => Some(least),
        Revocation::Epoch { .. } | Revocation::Session { .. } | Revocation::Issued { .. } => None,
    });
    least.collect()
}
