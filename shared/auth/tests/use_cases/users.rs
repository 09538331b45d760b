//! Managing users.

use auth::{
    accounts::UserError,
    feed::{Cursor, ReadAnnounced as _, Revocation},
    password::FindPassword as _,
    session::FindSession as _,
    user::{FindUser as _, NewUser, Status},
};
use claims::{Clock, Millis, Role, Scope, Timestamp, UserClaims};
use doubles::Memory;
use futures::FutureExt as _;

use crate::{
    doubles::Unreachable,
    world::{At, EMAIL, PASSWORD, World, after, email, hasher, password, rng},
};

#[tokio::test]
async fn an_address_is_given_once_however_it_is_typed() {
    let world = World::new().await;

    let outcome = add(&world.store, "ADA@EXAMPLE.COM", "user", "").await;

    assert!(matches!(outcome, Err(UserError::AddressTaken)), "{outcome:?}");
    assert_eq!(doubles::everyone(&world.store).await.unwrap(), [world.user]);
}

#[tokio::test]
async fn users_are_listed_by_age() {
    let world = World::new().await;
    let (new, store) = (password(PASSWORD), &world.store);
    for (seconds, address) in [(20, "b@example.com"), (10, "c@example.com")] {
        let user = new_user(address, "user", "");
        auth::accounts::add_user(user, &new, after(seconds), &mut rng(), &world.hasher, store)
            .await
            .unwrap();
    }

    let users = doubles::everyone(store).await.unwrap();

    let addresses: Vec<&str> = users.iter().map(|user| user.email.as_str()).collect();
    assert_eq!(addresses, [EMAIL, "c@example.com", "b@example.com"]);
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
        auth::accounts::delete_user(&nobody, after(0), &store, &store, &store).await,
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
async fn a_change_is_answered_as_it_was_stored() {
    let world = World::new().await;
    let store = &world.store;

    let promoted = auth::accounts::set_role(&email(EMAIL), "admin".parse().unwrap(), &At(1), store, store)
        .await
        .unwrap();
    assert_eq!(promoted.role.as_str(), "admin");
    assert_eq!(store.user(&world.user.id).await.unwrap(), Some(promoted));

    let disabled = auth::accounts::disable_user(&email(EMAIL), after(1), store, store)
        .await
        .unwrap();
    assert_eq!((disabled.status, disabled.epoch), (Status::Disabled, 1));
    assert_eq!(store.user(&world.user.id).await.unwrap(), Some(disabled));

    let enabled = auth::accounts::enable_user(&email(EMAIL), store).await.unwrap();
    assert_eq!((enabled.status, enabled.epoch), (Status::Enabled, 1));
    assert_eq!(store.user(&world.user.id).await.unwrap(), Some(enabled));
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_raises_the_epoch() {
    let world = World::new().await;
    let (address, new) = (email(EMAIL), password("a better password"));
    let (hasher, store) = (&world.hasher, &world.store);

    let user = auth::accounts::set_password(&address, &new, after(1), &mut rng(), hasher, store, store)
        .await
        .unwrap();

    assert_eq!(user.epoch, 1);
    assert_eq!(world.store.user(&user.id).await.unwrap(), Some(user));
    let credentials = world.store.password_record(&address).await.unwrap().unwrap();
    assert!(hasher.check(&credentials.password_hash, &new).await.unwrap());
    let old = password(PASSWORD);
    assert!(!hasher.check(&credentials.password_hash, &old).await.unwrap());
    assert_eq!(credentials.password_changed_at, after(1).timestamp());
}

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

/// A clock that shows one second until the user is an admin, and another one afterwards.
struct SlowChange<'a>(&'a Memory);

impl Clock for SlowChange<'_> {
    fn now(&self) -> Millis {
        let found = auth::accounts::find_user(&email(EMAIL), self.0)
            .now_or_never()
            .unwrap()
            .unwrap();
        after(if found.role.as_str() == "admin" { 30 } else { 1 })
    }
}

#[tokio::test]
async fn tokens_that_were_issued_during_a_slow_change_are_outdated_too() {
    let world = World::new().await;
    let store = &world.store;

    auth::accounts::set_role(
        &email(EMAIL),
        "admin".parse().unwrap(),
        &SlowChange(store),
        store,
        store,
    )
    .await
    .unwrap();

    assert_eq!(issued_until(store).await, [after(33).timestamp()]);
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

#[tokio::test]
async fn a_deleted_user_leaves_nothing_behind() {
    let world = World::new().await;
    let store = &world.store;
    let login = world.logged_in().await;

    let user = auth::accounts::delete_user(&email(EMAIL), after(1), store, store, store)
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
    // Every token of an epoch before this one is refused, whenever it was issued.
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

    let unannounced = auth::accounts::delete_user(&email(EMAIL), after(1), store, store, &Unreachable).await;
    assert!(matches!(unannounced, Err(UserError::Store(_))), "{unannounced:?}");
    assert!(store.session(&world.user.id, &login.sid).await.unwrap().is_some());
    let unswept = auth::accounts::delete_user(&email(EMAIL), after(1), store, &Unreachable, store).await;
    assert!(matches!(unswept, Err(UserError::Store(_))), "{unswept:?}");
    let user = store.user(&world.user.id).await.unwrap().unwrap();
    assert_eq!(user.status, Status::Disabled);
    assert!(world.login(EMAIL, PASSWORD, store, store).await.is_err());

    auth::accounts::delete_user(&email(EMAIL), after(2), store, store, store)
        .await
        .unwrap();
    assert_eq!(doubles::everyone(store).await.unwrap(), []);
}

#[tokio::test]
async fn a_user_whose_tokens_would_be_too_long_is_refused_when_they_are_set() {
    let store = Memory::default();
    let room = UserClaims::MAX_LENGTH - r#"{"scope":"","role":"user","email":"ada@example.com"}"#.len();

    let refused = add(&store, "ada@example.com", "user", &"s".repeat(room + 7)).await;
    assert!(matches!(refused, Err(UserError::TooLong { excess: 7 })), "{refused:?}");
    assert!(doubles::everyone(&store).await.unwrap().is_empty());

    let user = add(&store, "ada@example.com", "user", &"s".repeat(room)).await.unwrap();
    let address = email("ada@example.com");
    let refused = auth::accounts::set_role(&address, "admin".parse().unwrap(), &At(1), &store, &store).await;
    assert!(matches!(refused, Err(UserError::TooLong { excess: 1 })), "{refused:?}");
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
    let longer = email("adaa@example.com");
    let refused = auth::accounts::set_email(&address, &longer, &At(1), &store, &store).await;
    assert!(matches!(refused, Err(UserError::TooLong { excess: 1 })), "{refused:?}");
    assert!(
        auth::accounts::set_role(&address, "boss".parse().unwrap(), &At(1), &store, &store)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_longest_address_leaves_room_for_a_role() {
    let store = Memory::default();
    let local = "a".repeat(254 - "@example.com".len());

    assert!(
        add(&store, &format!("{local}@example.com"), "administrator", "")
            .await
            .is_ok()
    );
    let quotes = "\"".repeat(254 - "@example.com".len());
    let refused = add(&store, &format!("{quotes}@example.com"), "administrator", "").await;
    assert!(matches!(refused, Err(UserError::TooLong { .. })), "{refused:?}");
}

/// Returns the seconds up to which issued tokens were announced as refused.
async fn issued_until(store: &Memory) -> Vec<Timestamp> {
    let page = store
        .page(&Cursor::from_millis(Millis::new(0)), after(0))
        .await
        .unwrap();
    let announced = page.revocations.into_iter();
    let until = announced.filter_map(|(_, revocation)| match revocation {
        Revocation::Issued { until, .. } => Some(until),
        Revocation::Session { .. } | Revocation::Epoch { .. } => None,
    });
    until.collect()
}

/// Returns the epochs that were announced, from which on tokens stay valid.
async fn ended_epochs(store: &Memory) -> Vec<u64> {
    let page = store
        .page(&Cursor::from_millis(Millis::new(0)), after(0))
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

async fn add(store: &Memory, address: &str, role: &str, scope: &str) -> Result<auth::user::User, UserError> {
    let new = new_user(address, role, scope);
    auth::accounts::add_user(new, &password(PASSWORD), after(0), &mut rng(), &hasher(), store).await
}

fn new_user(address: &str, role: &str, scope: &str) -> NewUser {
    NewUser {
        email: email(address),
        role: Role::parse(role).unwrap(),
        scope: Scope::parse(scope).unwrap(),
    }
}
