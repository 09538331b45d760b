//! The room that a token has for the claims of a user.

use auth::{accounts::UserError, user::FindUser as _};
use claims::UserClaims;
use doubles::Memory;

use super::add;
use crate::world::{At, email};

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
