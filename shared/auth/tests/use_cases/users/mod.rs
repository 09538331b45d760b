//! Managing users: adding, listing, changing, disabling and deleting them.

mod addresses;
mod ending;
mod length;

use auth::{
    accounts::UserError,
    feed::{Cursor, ReadAnnounced as _, Revocation},
    password::FindPassword as _,
    user::{FindUser as _, NewUser, Status},
};
use claims::{Clock, Moment, Role, Scope, Timestamp};
use doubles::Memory;
use futures::FutureExt as _;
use serde_json::{Map, json};

use crate::world::{At, EMAIL, PASSWORD, World, after, email, hasher, password, rng};

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
async fn a_change_is_answered_as_it_was_stored() {
    let world = World::new().await;
    let store = &world.store;

    let promoted = auth::accounts::set_role(&email(EMAIL), "admin".parse().unwrap(), &At(1), store, store)
        .await
        .unwrap();
    assert_eq!(promoted.role.as_str(), "admin");
    assert_eq!(store.user(&world.user.id).await.unwrap(), Some(promoted));

    let scoped = auth::accounts::set_scope(&email(EMAIL), "a b".parse().unwrap(), &At(1), store, store)
        .await
        .unwrap();
    assert_eq!(scoped.scope.as_str(), "a b");
    assert_eq!(store.user(&world.user.id).await.unwrap(), Some(scoped));

    let tenant = Map::from_iter([("tenant".to_owned(), json!(7))]);
    let claimed = auth::accounts::set_custom_claims(&email(EMAIL), tenant.clone(), &At(1), store, store)
        .await
        .unwrap();
    assert_eq!(claimed.custom_claims, tenant);
    assert_eq!(store.user(&world.user.id).await.unwrap(), Some(claimed));

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

/// A clock that shows second 1 until the user is an admin, and second 30 after that.
struct SlowChange<'a>(&'a Memory);

impl Clock for SlowChange<'_> {
    fn now(&self) -> Moment {
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

/// Returns the announced times. Tokens that were issued up to such a time are refused.
async fn issued_until(store: &Memory) -> Vec<Timestamp> {
    let page = store
        .page(&Cursor::from_millis(Moment::new(0)), after(0))
        .await
        .unwrap();
    let announced = page.revocations.into_iter();
    let until = announced.filter_map(|(_, revocation)| match revocation {
        Revocation::Issued { until, .. } => Some(until),
        Revocation::Session { .. } | Revocation::Epoch { .. } => None,
    });
    until.collect()
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
