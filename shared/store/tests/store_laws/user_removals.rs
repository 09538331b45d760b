//! The laws of `RemoveUser`: nothing of the user remains but the id, which no other user gets.

use auth::{
    accounts::{Addition, RemoveUser},
    password::UpgradeHash,
};
use doubles::Everyone;

use crate::{
    laws,
    users::{add, credentials, email, hash, user},
};

laws! { users:
    a_user_is_removed_with_their_credentials
    an_address_is_removed_by_its_user_alone
    nothing_restores_a_removed_user
    the_id_of_a_removed_user_is_never_used_again
}

async fn a_user_is_removed_with_their_credentials(store: &(impl Everyone + RemoveUser)) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, "ada@example.com").await;
    add(store, &grace, "grace@example.com").await;

    assert!(store.remove(&ada.id, &email("ADA@example.com")).await.unwrap());
    assert!(!store.remove(&ada.id, &email("ada@example.com")).await.unwrap());

    assert_eq!(store.user(&ada.id).await.unwrap(), None);
    assert_eq!(store.password_record(&email("ada@example.com")).await.unwrap(), None);
    assert_eq!(doubles::everyone(store).await.unwrap(), [grace]);
}

async fn an_address_is_removed_by_its_user_alone(store: &(impl Everyone + RemoveUser)) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, "ada@example.com").await;
    add(store, &grace, "grace@example.com").await;

    for (id, address) in [
        (&ada.id, "grace@example.com"),
        (&ada.id, "nobody@example.com"),
        (&user(3).id, "ada@example.com"),
    ] {
        assert!(!store.remove(id, &email(address)).await.unwrap(), "{address}");
    }

    assert_eq!(store.user(&ada.id).await.unwrap(), Some(ada));
    let kept = store.password_record(&email("grace@example.com")).await.unwrap();
    assert_eq!(kept, Some(credentials(&grace.id, "first")));
}

async fn nothing_restores_a_removed_user(store: &(impl Everyone + RemoveUser + UpgradeHash)) {
    let (ada, address) = (user(1), email("ada@example.com"));
    add(store, &ada, "ada@example.com").await;
    store.remove(&ada.id, &address).await.unwrap();

    let outcomes = [
        store
            .upgrade(&address, &hash("first"), &hash("stronger"))
            .await
            .unwrap(),
        store
            .replace_password(&address, &credentials(&ada.id, "second"))
            .await
            .unwrap(),
        store.disable(&ada.id).await.unwrap().is_some(),
        store.enable(&ada.id).await.unwrap(),
        store.set_role(&ada.id, &ada.role).await.unwrap(),
    ];

    assert_eq!(outcomes, [false; 5]);
    assert_eq!(store.user(&ada.id).await.unwrap(), None);
    assert_eq!(store.password_record(&address).await.unwrap(), None);
}

async fn the_id_of_a_removed_user_is_never_used_again(store: &(impl Everyone + RemoveUser)) {
    let (ada, grace) = (user(1), user(2));
    add(store, &ada, "ada@example.com").await;
    store.remove(&ada.id, &email("ada@example.com")).await.unwrap();

    for address in ["ada@example.com", "grace@example.com"] {
        assert_eq!(add(store, &ada, address).await, Addition::Taken, "{address}");
        assert_eq!(store.password_record(&email(address)).await.unwrap(), None);
    }
    assert_eq!(store.user(&ada.id).await.unwrap(), None);
    assert_eq!(add(store, &grace, "ada@example.com").await, Addition::Added);
    assert_eq!(doubles::everyone(store).await.unwrap(), [grace]);
}
