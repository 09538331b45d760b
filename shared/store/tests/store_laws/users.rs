//! The laws of `AddUsers`, `ChangeUsers`, `ChangeClaims`, `ReplacePassword`, `FindUser`, `FindPassword` and
//! `UpgradeHash`.

use auth::{
    accounts::Addition,
    password::{PasswordHash, PasswordRecord, UpgradeHash},
    user::{Email, NewUser, Status, User},
};
use claims::{Moment, Scope, Timestamp, UserId};
use doubles::Everyone;
use futures::future::join_all;
use serde_json::{Map, json};

use crate::laws;

laws! { users:
    what_was_added_is_found_as_it_was
    an_address_is_found_however_it_is_typed
    many_addresses_are_found_as_one_is
    an_address_belongs_to_one_user
    an_id_belongs_to_one_user
    of_many_users_with_one_address_one_is_added
    a_change_is_seen_by_the_next_read
    every_disabling_raises_the_epoch_and_enabling_leaves_it
    what_is_not_there_is_never_made
    new_credentials_and_the_next_epoch_are_both_written_or_neither
    a_hash_is_upgraded_and_nothing_else_changes
    a_hash_that_changed_since_it_was_read_stays_as_it_is
    of_many_upgrades_of_one_hash_one_is_written
    every_user_is_listed
}

async fn what_was_added_is_found_as_it_was(store: &impl Everyone) {
    let user = User {
        custom_claims: Map::from_iter([(
            "tenant".to_owned(),
            json!({"id": 7, "list": [1.5, null, true, "é\"", {}]}),
        )]),
        epoch: u64::MAX,
        status: Status::Disabled,
        ..user(1)
    };

    let added = add(store, &user, "ada@example.com").await;

    assert_eq!(added, Addition::Added);
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(
        store.password_record(&email("ada@example.com")).await.unwrap(),
        Some(credentials(&user.id, "first"))
    );
}

async fn many_addresses_are_found_as_one_is(store: &impl Everyone) {
    let mut asked: Vec<Email> = (0..120)
        .map(|number| email(&format!("user-{number}@example.com")))
        .collect();
    for number in (0..120).step_by(2) {
        add(store, &user(number), &format!("user-{number}@example.com")).await;
    }
    asked.push(email("USER-0@example.com"));

    let found = store.password_records(&asked.iter().collect::<Vec<_>>()).await.unwrap();

    assert_eq!(found.len(), 121);
    for (email, found) in asked.iter().zip(found) {
        assert_eq!(found, store.password_record(email).await.unwrap(), "{email:?}");
    }
    assert_eq!(store.password_records(&[]).await.unwrap(), []);
}

async fn an_address_is_found_however_it_is_typed(store: &impl Everyone) {
    let user = user(1);
    add(store, &user, "Ada@Example.com").await;

    for typed in ["ada@example.com", " ADA@EXAMPLE.COM ", "ａｄａ@example.com"] {
        let found = store.password_record(&email(typed)).await.unwrap();

        assert_eq!(found.map(|found| found.user_id), Some(user.id.clone()), "{typed}");
    }
}

async fn an_address_belongs_to_one_user(store: &impl Everyone) {
    let (first, second) = (user(1), user(2));
    add(store, &first, "ada@example.com").await;

    let refused = add(store, &second, "ADA@example.com").await;

    assert_eq!(refused, Addition::Taken);
    assert_eq!(store.user(&second.id).await.unwrap(), None);
    let kept = store.password_record(&email("ada@example.com")).await.unwrap().unwrap();
    assert_eq!(kept.user_id, first.id);
}

async fn an_id_belongs_to_one_user(store: &impl Everyone) {
    let user = user(1);
    add(store, &user, "ada@example.com").await;

    let refused = add(store, &user, "grace@example.com").await;

    assert_eq!(refused, Addition::Taken);
    assert_eq!(store.password_record(&email("grace@example.com")).await.unwrap(), None);
}

async fn of_many_users_with_one_address_one_is_added(store: &impl Everyone) {
    let users: Vec<User> = (1..=10).map(user).collect();

    let outcomes = join_all(users.iter().map(|user| add(store, user, "ada@example.com"))).await;

    let added = outcomes.iter().filter(|outcome| **outcome == Addition::Added).count();
    assert_eq!((added, doubles::everyone(store).await.unwrap().len()), (1, 1));
}

async fn a_change_is_seen_by_the_next_read(store: &impl Everyone) {
    let user = user(1);
    add(store, &user, "ada@example.com").await;

    let custom_claims = Map::from_iter([("tenant".to_owned(), json!({"id": 7, "list": [1.5, null, {}]}))]);

    assert!(store.set_role(&user.id, &"admin".parse().unwrap()).await.unwrap());
    assert!(store.set_scope(&user.id, &"a b".parse().unwrap()).await.unwrap());
    assert!(store.set_custom_claims(&user.id, &custom_claims).await.unwrap());
    assert_eq!(store.disable(&user.id).await.unwrap(), Some(1));

    let changed = User {
        role: "admin".parse().unwrap(),
        scope: "a b".parse().unwrap(),
        custom_claims,
        status: Status::Disabled,
        epoch: 1,
        ..user
    };
    assert_eq!(store.user(&changed.id).await.unwrap(), Some(changed.clone()));

    assert!(store.set_scope(&changed.id, &Scope::default()).await.unwrap());
    assert!(store.set_custom_claims(&changed.id, &Map::new()).await.unwrap());

    let cleared = User {
        scope: Scope::default(),
        custom_claims: Map::new(),
        ..changed
    };
    assert_eq!(store.user(&cleared.id).await.unwrap(), Some(cleared));
}

async fn every_disabling_raises_the_epoch_and_enabling_leaves_it(store: &impl Everyone) {
    let user = User { epoch: 6, ..user(1) };
    add(store, &user, "ada@example.com").await;

    let epochs = [
        store.disable(&user.id).await.unwrap(),
        store.disable(&user.id).await.unwrap(),
    ];
    let is_known = store.enable(&user.id).await.unwrap();

    assert_eq!((epochs, is_known), ([Some(7), Some(8)], true));
    assert_eq!(store.user(&user.id).await.unwrap(), Some(User { epoch: 8, ..user }));
}

async fn what_is_not_there_is_never_made(store: &impl Everyone) {
    let (nobody, address) = (user(1).id, email("nobody@example.com"));

    let outcomes = [
        store.set_role(&nobody, &"admin".parse().unwrap()).await.unwrap(),
        store.set_scope(&nobody, &"a b".parse().unwrap()).await.unwrap(),
        store.set_custom_claims(&nobody, &Map::new()).await.unwrap(),
        store.disable(&nobody).await.unwrap().is_some(),
        store.enable(&nobody).await.unwrap(),
        store
            .replace_password(&address, &credentials(&nobody, "second"))
            .await
            .unwrap(),
    ];

    assert_eq!(outcomes, [false; 6]);
    assert_eq!(store.user(&nobody).await.unwrap(), None);
    assert_eq!(store.password_record(&address).await.unwrap(), None);
    assert_eq!(doubles::everyone(store).await.unwrap(), []);
}

async fn new_credentials_and_the_next_epoch_are_both_written_or_neither(store: &impl Everyone) {
    let (ada, bob) = (user(1), user(2));
    let (ada_s, bob_s) = (email("ada@example.com"), email("bob@example.com"));
    add(store, &ada, "ada@example.com").await;
    add(store, &bob, "bob@example.com").await;

    let new = credentials(&ada.id, "second");
    assert!(store.replace_password(&ada_s, &new).await.unwrap());
    assert!(!store.replace_password(&bob_s, &new).await.unwrap());

    assert_eq!(store.password_record(&ada_s).await.unwrap(), Some(new));
    assert_eq!(
        store.password_record(&bob_s).await.unwrap(),
        Some(credentials(&bob.id, "first"))
    );
    let raised = User {
        epoch: 1,
        epoch_raised_at: Some(credentials(&ada.id, "second").password_changed_at),
        ..ada
    };
    assert_eq!(store.user(&raised.id).await.unwrap(), Some(raised));
    assert_eq!(store.user(&bob.id).await.unwrap(), Some(bob));
}

async fn a_hash_is_upgraded_and_nothing_else_changes(store: &(impl Everyone + UpgradeHash)) {
    let user = user(1);
    add(store, &user, "ada@example.com").await;

    let upgraded = store
        .upgrade(&email(" ADA@example.com"), &hash("first"), &hash("stronger"))
        .await
        .unwrap();

    assert!(upgraded);
    let stored = store.password_record(&email("ada@example.com")).await.unwrap();
    assert_eq!(stored, Some(credentials(&user.id, "stronger")));
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
}

async fn a_hash_that_changed_since_it_was_read_stays_as_it_is(store: &(impl Everyone + UpgradeHash)) {
    let (user, address) = (user(1), email("ada@example.com"));
    add(store, &user, "ada@example.com").await;
    let changed = credentials(&user.id, "second");
    store.replace_password(&address, &changed).await.unwrap();

    let upgraded = store
        .upgrade(&address, &hash("first"), &hash("stronger"))
        .await
        .unwrap();
    let nobody = email("nobody@example.com");
    let made = store.upgrade(&nobody, &hash("first"), &hash("stronger")).await.unwrap();

    assert_eq!((upgraded, made), (false, false));
    assert_eq!(store.password_record(&address).await.unwrap(), Some(changed));
    assert_eq!(store.password_record(&nobody).await.unwrap(), None);
}

async fn of_many_upgrades_of_one_hash_one_is_written(store: &(impl Everyone + UpgradeHash)) {
    let address = email("ada@example.com");
    add(store, &user(1), "ada@example.com").await;
    let stronger: Vec<PasswordHash> = (0..10).map(|number| hash(&number.to_string())).collect();

    let first = hash("first");
    let outcomes = join_all(stronger.iter().map(|new| store.upgrade(&address, &first, new))).await;

    let written: Vec<bool> = outcomes.into_iter().map(Result::unwrap).collect();
    let stored = store.password_record(&address).await.unwrap().unwrap().password_hash;
    let expected: Vec<bool> = stronger.iter().map(|hash| *hash == stored).collect();
    assert_eq!(
        (written.iter().filter(|written| **written).count(), &written),
        (1, &expected)
    );
}

async fn every_user_is_listed(store: &impl Everyone) {
    let mut users: Vec<User> = (1..=50).map(user).collect();
    for (number, user) in users.iter().enumerate() {
        add(store, user, &format!("{number}@example.com")).await;
    }

    let mut listed = doubles::everyone(store).await.unwrap();

    for list in [&mut users, &mut listed] {
        list.sort_by(|left, right| left.id.cmp(&right.id));
    }
    assert_eq!(listed, users);
}

pub(crate) fn user(number: u8) -> User {
    let new = NewUser {
        email: email("Ada@Example.com"),
        role: "user".parse().unwrap(),
        scope: "reports:read".parse().unwrap(),
    };
    let id = UserId::new(Moment::new(0), [number; 10]);
    User::new(id, new, Timestamp::new(1_700_000_000))
}

pub(crate) async fn add(store: &impl Everyone, user: &User, address: &str) -> Addition {
    let credentials = credentials(&user.id, "first");
    store.add(user, &email(address), &credentials).await.unwrap()
}

pub(crate) fn credentials(user_id: &UserId, hash: &str) -> PasswordRecord {
    PasswordRecord {
        user_id: user_id.clone(),
        password_hash: self::hash(hash),
        password_changed_at: Timestamp::new(1_700_000_000),
    }
}

pub(crate) fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}
