//! The limit on the length of the claims about a user.

use auth::{accounts::UserError, user::FindUser as _};
use claims::UserClaims;
use doubles::Memory;
use serde_json::{Map, json};

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
    let scope = "s".repeat(room + 1).parse().unwrap();
    let refused = auth::accounts::set_scope(&address, scope, &At(1), &store, &store).await;
    assert!(matches!(refused, Err(UserError::TooLong { excess: 1 })), "{refused:?}");
    let claims = Map::from_iter([("a".to_owned(), json!(1))]);
    let refused = auth::accounts::set_custom_claims(&address, claims, &At(1), &store, &store).await;
    assert!(matches!(refused, Err(UserError::TooLong { excess: 6 })), "{refused:?}");
    let taken = Map::from_iter([("sub".to_owned(), json!("grace"))]);
    let refused = auth::accounts::set_custom_claims(&address, taken, &At(1), &store, &store).await;
    assert!(matches!(refused, Err(UserError::CustomClaims(_))), "{refused:?}");
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
