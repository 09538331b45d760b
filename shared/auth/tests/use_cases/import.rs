//! Importing users from another system: what is added, left unchanged or refused.

use auth::{
    accounts::{ImportError, Imported, ImportedUser, InvalidRecord, UserRecord},
    password::{FindPassword as _, PasswordHash, UnusableHash},
    user::{FindUser as _, InvalidCustomClaims, NewUser, Status, User},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Timestamp, UserClaims, UserId};
use doubles::Memory;
use serde_json::{Map, Value, json};

use crate::world::{EMAIL, PASSWORD, World, after, email, rng};

/// The hash of [`PASSWORD`] by Python's bcrypt.
const BCRYPT: &str = "$2b$05$ELhH2AKqxVeG9NtyfZM61.V7Vaw0MGRvRhjA78n2W1ifmcy1nzL52";

#[tokio::test]
async fn an_imported_user_logs_in_with_their_password() {
    let world = World::new().await;
    let new = prepared(record("Grace@Example.com")).unwrap();

    let outcome = auth::accounts::import_user(&new, &world.store).await.unwrap();

    assert_eq!(outcome, Imported::Added);
    let login = world
        .login("grace@example.com", PASSWORD, &world.store, &world.store)
        .await;
    assert!(login.is_ok(), "{login:?}");
}

#[tokio::test]
async fn missing_members_of_a_record_get_the_values_of_a_new_user() {
    let store = Memory::default();
    let defaults = record("Ada@Example.com");
    let full = UserRecord {
        user_id: Some(id("old-7")),
        password_changed_at: Some(Timestamp::new(2)),
        user: User {
            role: "admin".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
            custom_claims: claims("tenant", json!(7)),
            status: Status::Disabled,
            created_at: Timestamp::new(1),
            epoch: 3,
            ..defaults.user.clone()
        },
        ..defaults
    };
    let expected = User {
        id: id("old-7"),
        ..full.user.clone()
    };

    for record in [full, record("grace@example.com")] {
        auth::accounts::import_user(&prepared(record).unwrap(), &store)
            .await
            .unwrap();
    }

    let ada = store.password_record(&email("ada@example.com")).await.unwrap().unwrap();
    assert_eq!(
        (&ada.user_id, ada.password_changed_at),
        (&id("old-7"), Timestamp::new(2))
    );
    assert_eq!(store.user(&ada.user_id).await.unwrap(), Some(expected));
    let grace = store
        .password_record(&email("grace@example.com"))
        .await
        .unwrap()
        .unwrap();
    let stored = store.user(&grace.user_id).await.unwrap().unwrap();
    let now = after(1).timestamp();
    assert_eq!((stored.created_at, grace.password_changed_at), (now, now));
    assert_eq!(grace.user_id.as_str().len(), 36);
}

#[tokio::test]
async fn an_existing_user_is_not_changed_by_an_import() {
    let world = World::new().await;
    let same_id = UserRecord {
        user_id: Some(world.user.id.clone()),
        ..record(EMAIL)
    };
    let before = world.store.password_record(&email(EMAIL)).await.unwrap();

    for record in [record("ADA@example.com"), same_id] {
        let new = prepared(record).unwrap();

        assert_eq!(
            auth::accounts::foresee_import(&new, &world.store).await.unwrap(),
            Imported::Left
        );
        assert_eq!(
            auth::accounts::import_user(&new, &world.store).await.unwrap(),
            Imported::Left
        );
    }

    assert_eq!(world.store.password_record(&email(EMAIL)).await.unwrap(), before);
    assert_eq!(doubles::everyone(&world.store).await.unwrap(), [world.user]);
}

#[tokio::test]
async fn an_address_or_an_id_of_someone_else_is_refused() {
    let world = World::new().await;
    let address = UserRecord {
        user_id: Some(id("another")),
        ..record(EMAIL)
    };
    let user_id = UserRecord {
        user_id: Some(world.user.id.clone()),
        ..record("grace@example.com")
    };
    let (address, user_id) = (prepared(address).unwrap(), prepared(user_id).unwrap());

    let outcomes = [
        (
            auth::accounts::foresee_import(&address, &world.store).await,
            auth::accounts::foresee_import(&user_id, &world.store).await,
        ),
        (
            auth::accounts::import_user(&address, &world.store).await,
            auth::accounts::import_user(&user_id, &world.store).await,
        ),
    ];

    for (address, user_id) in outcomes {
        assert!(matches!(address, Err(ImportError::AddressTaken)), "{address:?}");
        assert!(matches!(user_id, Err(ImportError::IdTaken)), "{user_id:?}");
    }
    assert_eq!(doubles::everyone(&world.store).await.unwrap(), [world.user]);
}

#[tokio::test]
async fn an_id_that_was_made_twice_belongs_to_the_first_user() {
    let store = Memory::default();
    let (first, second) = (record("ada@example.com"), record("grace@example.com"));
    auth::accounts::import_user(&prepared(first).unwrap(), &store)
        .await
        .unwrap();

    let refused = auth::accounts::import_user(&prepared(second).unwrap(), &store).await;

    assert!(matches!(refused, Err(ImportError::IdTaken)), "{refused:?}");
}

#[tokio::test]
async fn what_is_foreseen_is_not_written() {
    let store = Memory::default();
    let new = prepared(record(EMAIL)).unwrap();

    assert_eq!(
        auth::accounts::foresee_import(&new, &store).await.unwrap(),
        Imported::Added
    );
    assert_eq!(doubles::everyone(&store).await.unwrap(), []);
}

#[test]
fn a_hash_that_no_login_could_verify_is_refused() {
    for (hash, cause) in [
        ("", UnusableHash::Form),
        (PASSWORD, UnusableHash::Form),
        ("5f4dcc3b5aa765d61d8327deb882cf99", UnusableHash::Form),
        ("$1$salt$hash", UnusableHash::Form),
        (
            "$2b$31$ELhH2AKqxVeG9NtyfZM61.V7Vaw0MGRvRhjA78n2W1ifmcy1nzL52",
            UnusableHash::Cost,
        ),
        (
            "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAA",
            UnusableHash::Cost,
        ),
    ] {
        let record = UserRecord {
            password_hash: PasswordHash::from_stored(hash.to_owned()),
            ..record(EMAIL)
        };

        let expected = InvalidRecord::UnusableHash(cause);
        assert_eq!(prepared(record).unwrap_err(), expected, "{hash}");
    }
}

#[test]
fn claims_that_do_not_fit_into_a_token_are_refused() {
    let room = UserClaims::MAX_LENGTH - r#"{"scope":"","role":"user","email":"Ada@example.com","tenant":""}"#.len();
    let of_length = |length| with_claims(claims("tenant", json!("t".repeat(length))));

    assert!(prepared(of_length(room)).is_ok());
    assert_eq!(
        prepared(of_length(room + 7)).unwrap_err(),
        InvalidRecord::TooLong { excess: 7 }
    );
}

#[test]
fn an_epoch_that_cannot_be_counted_on_is_refused() {
    let of_epoch = |epoch| {
        let mut record = record(EMAIL);
        record.user.epoch = epoch;
        record
    };

    assert!(prepared(of_epoch(1 << 53)).is_ok());
    assert_eq!(prepared(of_epoch(u64::MAX)).unwrap_err(), InvalidRecord::Epoch);
}

#[tokio::test]
async fn no_claim_of_a_token_can_be_a_custom_one() {
    let world = World::new().await;
    let tokens = world.logged_in().await;

    for token in [tokens.access.expose(), tokens.refresh.expose()] {
        let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let names: Map<String, Value> = serde_json::from_slice(&body).unwrap();
        for name in names.keys() {
            let refused = prepared(with_claims(claims(name, json!("x")))).unwrap_err();

            assert!(
                matches!(refused, InvalidRecord::CustomClaims(InvalidCustomClaims::Taken(taken)) if taken == name),
                "{name}: {refused:?}"
            );
        }
    }
}

fn prepared(record: UserRecord) -> Result<ImportedUser, InvalidRecord> {
    ImportedUser::new(record)
}

/// Makes a record with only the required fields.
fn record(address: &str) -> UserRecord {
    let new = NewUser {
        email: email(address),
        role: "user".parse().unwrap(),
        scope: "".parse().unwrap(),
    };
    let hash = PasswordHash::from_stored(BCRYPT.to_owned());
    UserRecord::new(new, hash, after(1), &mut rng())
}

fn with_claims(claims: Map<String, Value>) -> UserRecord {
    let mut record = record(EMAIL);
    record.user.custom_claims = claims;
    record
}

fn claims(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

fn id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}
