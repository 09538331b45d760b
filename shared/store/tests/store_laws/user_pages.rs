//! The laws of `PageUsers`, and of the export that uses it.

use auth::{
    accounts::{ExportError, ExportedUser, PageUsers},
    user::User,
};
use claims::{Moment, UserId};
use doubles::{Everyone, Memory};

use crate::{
    laws,
    users::{add, credentials, user},
};

laws! { users:
    every_user_is_on_one_page
    no_user_makes_one_page
    a_user_who_stays_is_on_one_page_while_others_come
    every_user_is_exported_with_their_credentials
}

async fn every_user_is_on_one_page(store: &impl Everyone) {
    let users = many(store, "", 300).await;

    let pages = pages(store).await;

    assert!(pages.len() > 1, "{} pages", pages.len());
    let mut listed = pages.concat();
    listed.sort_by(|left, right| left.id.cmp(&right.id));
    assert_eq!(listed, users);
}

async fn no_user_makes_one_page(store: &impl PageUsers) {
    let page = store.page(None).await.unwrap();

    assert_eq!((page.users, page.next), (Vec::new(), None));
}

async fn a_user_who_stays_is_on_one_page_while_others_come(store: &impl Everyone) {
    let users = many(store, "first-", 300).await;
    let mut page = store.page(None).await.unwrap();
    let mut listed = page.users;

    many(store, "second-", 100).await;
    while let Some(next) = page.next {
        page = store.page(Some(&next)).await.unwrap();
        listed.extend(page.users);
    }

    for user in users {
        let times = listed.iter().filter(|listed| **listed == user).count();
        assert_eq!(times, 1, "{}", user.id);
    }
}

async fn every_user_is_exported_with_their_credentials(store: &impl Everyone) {
    let users = many(store, "", 40).await;

    let mut exported = Vec::new();
    let mut next = None;
    loop {
        let page = auth::accounts::export_page(next.as_deref(), store).await.unwrap();
        exported.extend(page.users);
        next = page.next;
        if next.is_none() {
            break;
        }
    }

    exported.sort_by(|left, right| left.user.id.cmp(&right.user.id));
    let expected = users.into_iter().map(|user| ExportedUser {
        credentials: credentials(&user.id, "first"),
        user,
    });
    assert_eq!(exported, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_user_without_credentials_is_named() {
    let store = Memory::default();
    let user = user(1);
    add(&store, &user, "elsewhere@example.com").await;

    let error = auth::accounts::export_page(None, &store).await.unwrap_err();

    assert!(
        matches!(&error, ExportError::NoCredentials { user_id } if *user_id == user.id),
        "{error:?}"
    );
}

/// Returns the users on each page.
async fn pages(store: &impl PageUsers) -> Vec<Vec<User>> {
    let mut page = store.page(None).await.unwrap();
    let mut pages = vec![page.users];
    while let Some(next) = page.next {
        page = store.page(Some(&next)).await.unwrap();
        pages.push(page.users);
    }
    pages
}

/// Adds `count` users and returns them, sorted by id.
async fn many(store: &impl Everyone, prefix: &str, count: u64) -> Vec<User> {
    let mut users = Vec::new();
    for number in 0..count {
        let address = format!("{prefix}{number}@example.com");
        let seed = u8::try_from(prefix.len()).unwrap();
        let user = User {
            id: UserId::new(Moment::new(number), [seed; 10]),
            email: address.clone(),
            ..user(1)
        };
        add(store, &user, &address).await;
        users.push(user);
    }
    users
}
