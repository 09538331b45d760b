//! Adding users, and changing their addresses.

use auth::{accounts::UserError, password::FindPassword as _, user::FindUser as _};
use doubles::Memory;

use super::{add, issued_until, new_user};
use crate::world::{At, EMAIL, PASSWORD, World, after, email, hasher, password, rng};

#[tokio::test]
async fn an_address_is_given_once_however_it_is_typed() {
    let world = World::new().await;

    let outcome = add(&world.store, "ADA@EXAMPLE.COM", "user", "").await;

    assert!(matches!(outcome, Err(UserError::AddressTaken)), "{outcome:?}");
    assert_eq!(doubles::everyone(&world.store).await.unwrap(), [world.user]);
}

#[tokio::test]
async fn an_unknown_address_has_no_user_to_change() {
    let (store, nobody) = (Memory::default(), email("nobody@example.com"));
    let outcomes = [
        auth::accounts::find_user(&nobody, &store).await,
        auth::accounts::set_role(&nobody, "admin".parse().unwrap(), &At(0), &store, &store).await,
        auth::accounts::disable_user(&nobody, after(0), &store, &store).await,
        auth::accounts::enable_user(&nobody, &store).await,
        auth::accounts::set_email(&nobody, &email("somebody@example.com"), &At(0), &store, &store).await,
        auth::accounts::delete_user(&nobody, after(0), &store, &store, &store, &store).await,
        auth::accounts::set_password(
            &nobody,
            &password(PASSWORD),
            after(0),
            &mut rng(),
            &hasher(),
            &store,
            &store,
        )
        .await,
    ];

    for outcome in outcomes {
        assert!(matches!(outcome, Err(UserError::Unknown)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_new_address_is_the_one_to_log_in_with_and_sessions_go_on() {
    let world = World::new().await;
    let (store, new) = (&world.store, email("Ada@New.example"));
    let login = world.logged_in().await;

    let user = auth::accounts::set_email(&email(EMAIL), &new, &At(1), store, store)
        .await
        .unwrap();

    assert_eq!((user.email.as_str(), user.epoch), ("Ada@New.example", 0));
    assert_eq!(store.user(&user.id).await.unwrap().as_ref(), Some(&user));
    assert!(world.login(EMAIL, PASSWORD, store, store).await.is_err());
    assert!(world.login("ada@new.example", PASSWORD, store, store).await.is_ok());
    let refreshed = world.refresh(login.refresh.expose(), 2).await.unwrap();
    assert_eq!(world.read(&refreshed.tokens, 2).own().email, "Ada@New.example");
    assert_eq!(issued_until(store).await, [after(4).timestamp()]);
}

#[tokio::test]
async fn another_case_of_an_address_changes_what_is_shown() {
    let world = World::new().await;
    let store = &world.store;
    let before = store.password_record(&email(EMAIL)).await.unwrap();

    let user = auth::accounts::set_email(&email(EMAIL), &email("ADA@example.com"), &At(1), store, store)
        .await
        .unwrap();

    assert_eq!(user.email, "ADA@example.com");
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
    assert_eq!(store.password_record(&email(EMAIL)).await.unwrap(), before);
    assert_eq!(issued_until(store).await, [after(4).timestamp()]);
}

#[tokio::test]
async fn an_address_of_someone_else_cannot_be_moved_to() {
    let world = World::new().await;
    let store = &world.store;
    let (grace, hasher) = (new_user("grace@example.com", "user", ""), &world.hasher);
    auth::accounts::add_user(grace, &password(PASSWORD), after(1), &mut rng(), hasher, store)
        .await
        .unwrap();

    let refused = auth::accounts::set_email(&email("grace@example.com"), &email(EMAIL), &At(1), store, store).await;

    assert!(matches!(refused, Err(UserError::AddressTaken)), "{refused:?}");
    let found = auth::accounts::find_user(&email("grace@example.com"), store)
        .await
        .unwrap();
    assert_eq!(found.email, "grace@example.com");
    assert_eq!(issued_until(store).await, []);
}
