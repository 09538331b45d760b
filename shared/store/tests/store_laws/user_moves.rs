//! The laws of `MoveUser`.

use auth::{
    accounts::{Addition, MoveUser},
    password::PasswordRecord,
    user::User,
};
use doubles::Everyone;
use futures::future::join_all;

use crate::{
    laws,
    users::{add, credentials, email, user},
};

const OLD: &str = "ada@example.com";
const NEW: &str = "Ada@New.example";

laws! { users:
    a_user_moves_with_their_credentials_and_leaves_the_old_address_free
    nobody_moves_to_an_address_of_someone_else
    nobody_moves_with_credentials_that_have_changed
    an_unknown_user_cannot_be_moved
    of_many_moves_at_once_one_is_done
    of_many_users_with_one_aim_one_gets_there
    an_address_is_shown_as_it_was_typed_last
}

async fn a_user_moves_with_their_credentials_and_leaves_the_old_address_free(store: &(impl Everyone + MoveUser)) {
    let ada = user(1);
    add(store, &ada, OLD).await;

    assert!(moved(store, &credentials(&ada.id, "first"), OLD, NEW).await);

    assert_eq!(at(store, OLD).await, None);
    assert_eq!(at(store, NEW).await, Some(credentials(&ada.id, "first")));
    let expected = User {
        email: NEW.to_owned(),
        ..ada
    };
    assert_eq!(store.user(&expected.id).await.unwrap(), Some(expected));
    assert_eq!(add(store, &user(2), OLD).await, Addition::Added);
}

async fn nobody_moves_to_an_address_of_someone_else(store: &(impl Everyone + MoveUser)) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, OLD).await;
    add(store, &grace, NEW).await;

    assert!(!moved(store, &credentials(&ada.id, "first"), OLD, NEW).await);

    assert_unmoved(store, &ada).await;
    assert_eq!(at(store, NEW).await, Some(credentials(&grace.id, "first")));
}

async fn nobody_moves_with_credentials_that_have_changed(store: &(impl Everyone + MoveUser)) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, OLD).await;
    add(store, &grace, "grace@example.com").await;

    for stale in [credentials(&ada.id, "older"), credentials(&grace.id, "first")] {
        assert!(!moved(store, &stale, OLD, NEW).await);
    }

    assert_unmoved(store, &ada).await;
    assert_eq!(store.user(&grace.id).await.unwrap(), Some(grace));
    assert_eq!(at(store, NEW).await, None);
}

async fn an_unknown_user_cannot_be_moved(store: &(impl Everyone + MoveUser)) {
    let nobody = user(1).id;

    assert!(!moved(store, &credentials(&nobody, "first"), OLD, NEW).await);
    assert!(!store.show_as(&nobody, &email(NEW)).await.unwrap());

    assert_eq!(store.user(&nobody).await.unwrap(), None);
    assert_eq!(at(store, NEW).await, None);
}

async fn of_many_moves_at_once_one_is_done(store: &(impl Everyone + MoveUser)) {
    let ada = user(1);
    add(store, &ada, OLD).await;
    let (credentials, old) = (credentials(&ada.id, "first"), email(OLD));
    let aims = (0..5).map(|number| email(&format!("{number}@example.com")));
    let aims: Vec<_> = aims.collect();

    let outcomes = join_all(aims.iter().map(|new| store.move_to(&credentials, &old, new))).await;

    let mut found = Vec::new();
    for (new, outcome) in aims.iter().zip(outcomes) {
        // A move may return an error because it conflicts with another one at the same time.
        let done = outcome.unwrap_or_default();
        assert_eq!(at(store, new.typed()).await.is_some(), done);
        found.extend(done.then(|| new.typed().to_owned()));
    }
    assert_eq!(found.len(), 1);
    assert_eq!(store.user(&ada.id).await.unwrap().unwrap().email, found[0]);
    assert_eq!(at(store, OLD).await, None);
}

async fn of_many_users_with_one_aim_one_gets_there(store: &(impl Everyone + MoveUser)) {
    let users: Vec<User> = (1..=5).map(user).collect();
    let from = |number: usize| format!("{number}@example.com");
    for (number, user) in users.iter().enumerate() {
        add(store, user, &from(number)).await;
    }

    let moves = users.iter().enumerate().map(async |(number, user)| {
        let credentials = credentials(&user.id, "first");
        let moved = store.move_to(&credentials, &email(&from(number)), &email(NEW)).await;
        moved.unwrap_or_default()
    });
    let outcomes = join_all(moves).await;

    assert_eq!(outcomes.iter().filter(|done| **done).count(), 1);
    let winner = at(store, NEW).await.unwrap().user_id;
    for (number, (user, done)) in users.iter().zip(outcomes).enumerate() {
        assert_eq!(user.id == winner, done);
        assert_eq!(at(store, &from(number)).await.is_none(), done);
    }
}

async fn an_address_is_shown_as_it_was_typed_last(store: &(impl Everyone + MoveUser)) {
    let ada = user(1);
    add(store, &ada, OLD).await;

    assert!(store.show_as(&ada.id, &email("ADA@example.com")).await.unwrap());

    let expected = User {
        email: "ADA@example.com".to_owned(),
        ..ada
    };
    assert_eq!(at(store, OLD).await, Some(credentials(&expected.id, "first")));
    assert_eq!(store.user(&expected.id).await.unwrap(), Some(expected));
}

async fn moved(store: &impl MoveUser, credentials: &PasswordRecord, from: &str, to: &str) -> bool {
    store.move_to(credentials, &email(from), &email(to)).await.unwrap()
}

async fn at(store: &impl Everyone, address: &str) -> Option<PasswordRecord> {
    store.password_record(&email(address)).await.unwrap()
}

async fn assert_unmoved(store: &impl Everyone, user: &User) {
    assert_eq!(at(store, OLD).await, Some(credentials(&user.id, "first")));
    assert_eq!(store.user(&user.id).await.unwrap().as_ref(), Some(user));
}
