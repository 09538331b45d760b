//! Logging in: the causes of a refusal, the new session and its tokens, and upgrades of weaker hashes.

use auth::{
    accounts::ReplacePassword as _,
    error::StoreError,
    login::{HashUpgrade, LoggedIn, LoginError},
    password::{FindPassword as _, HashCost, Hasher, PasswordHash, PasswordRecord},
    session::{FindSession as _, Session},
    user::Status,
};
use claims::{Amr, Delivery, SignError, Span};

use crate::{
    doubles::{CredentialsOnly, ReadOnly, Unreachable},
    meanwhile::{ChangedMeanwhile, ChangedWhileRead},
    session_cap::alive,
    world::{EMAIL, NOW, PASSWORD, World, client, email, keys},
};

#[tokio::test]
async fn each_refusal_has_its_cause_and_opens_no_session() {
    let world = World::new().await;

    let unknown = world
        .login("nobody@example.com", PASSWORD, &world.store, &Unreachable)
        .await;
    let wrong = world.login(EMAIL, "something else", &world.store, &Unreachable).await;
    world.set_status(Status::Disabled).await;
    let disabled = world.login(EMAIL, PASSWORD, &world.store, &Unreachable).await;
    let disabled_and_wrong = world.login(EMAIL, "something else", &world.store, &Unreachable).await;

    let id = &world.user.id;
    assert!(matches!(unknown, Err(LoginError::UnknownUser(_))), "{unknown:?}");
    assert!(
        matches!(&wrong, Err(LoginError::WrongPassword(user)) if user == id),
        "{wrong:?}"
    );
    assert!(
        matches!(&disabled, Err(LoginError::Disabled(user)) if user == id),
        "{disabled:?}"
    );
    assert!(
        matches!(&disabled_and_wrong, Err(LoginError::WrongPassword(user)) if user == id),
        "{disabled_and_wrong:?}"
    );
}

#[tokio::test]
async fn a_store_that_fails_half_way_does_not_reveal_unknown_addresses() {
    let world = World::new().await;
    let half = CredentialsOnly(&world.store);

    for (address, secret) in [
        (EMAIL, PASSWORD),
        (EMAIL, "something else"),
        ("nobody@example.com", PASSWORD),
    ] {
        let outcome = world.login(address, secret, &half, &Unreachable).await;

        assert!(matches!(outcome, Err(LoginError::Store(_))), "{address}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_login_opens_a_session_at_its_first_generation() {
    let world = World::new().await;

    let LoggedIn { user_id, tokens, .. } = world
        .login(" ADA@example.com", PASSWORD, &world.store, &world.store)
        .await
        .unwrap();

    let now = NOW.timestamp();
    let expected = Session {
        user_id,
        sid: tokens.sid.clone(),
        generation: 0,
        issued_at: now,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: now.plus(Span::seconds(3_600)),
        expires_at: now.plus(Span::seconds(6_000)),
        epoch: 0,
        revoked: None,
        created_at: now,
        auth_time: now,
        amr: Amr::PASSWORD,
        client: client(),
        is_new_device: true,
    };
    assert_eq!(world.session(&tokens.sid).await, expected);
}

#[tokio::test]
async fn the_tokens_name_the_user_who_logged_in() {
    let world = World::new().await;

    let tokens = world.logged_in().await;

    let claims = world.read(&tokens, 0);
    assert_eq!((claims.sub(), claims.sid()), (&world.user.id, &tokens.sid));
    assert_eq!(claims.exp(), NOW.timestamp().plus(Span::seconds(900)));
    assert_eq!(claims.own().role.as_str(), "analyst");
    assert_eq!(claims.own().scope.as_str(), "reports:read");
    assert_eq!(claims.own().email, EMAIL);
    assert_eq!(claims.own().auth_time, NOW.timestamp());
    assert_eq!(tokens.expires_in, Span::seconds(900));
    assert_eq!(tokens.refresh_expires_in, Span::seconds(3_600));
    assert_eq!(tokens.delivery, Delivery::Body);
}

#[tokio::test]
async fn no_session_is_opened_that_has_no_tokens() {
    let mut world = World::new().await;
    world.keys = keys(NOW.timestamp().get() + 1);

    let outcome = world.login(EMAIL, PASSWORD, &world.store, &Unreachable).await;

    assert!(
        matches!(outcome, Err(LoginError::Sign(SignError::NoActiveKey))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_weaker_hash_is_replaced_by_the_login_that_verifies_it() {
    for weak in [ARGON2I, BCRYPT] {
        let world = World::new().await;
        plant(&world, weak).await;

        let first = world.login(EMAIL, PASSWORD, &world.store, &world.store).await.unwrap();
        let upgraded = stored(&world).await;
        let second = world.login(EMAIL, PASSWORD, &world.store, &world.store).await.unwrap();

        assert!(matches!(first.hash_upgrade, HashUpgrade::Done), "{first:?}");
        assert!(matches!(second.hash_upgrade, HashUpgrade::NotDue), "{second:?}");
        assert!(
            upgraded
                .password_hash
                .expose()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert_eq!(stored(&world).await, upgraded);
    }
}

/// The hash of a password with a combining accent. The hash is as strong as a new hash of this service.
const FOREIGN: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$qArgnxDZNcwLYilcuOx5PYUUCYdm4HFsS+vLCyVxBE4";

#[tokio::test]
async fn a_hash_of_another_unicode_form_is_replaced() {
    let (typed, elsewhere) = ("cafe\u{301} au lait", "caf\u{e9} au lait");
    let world = World::new().await;
    plant(&world, FOREIGN).await;
    let early = world.login(EMAIL, elsewhere, &world.store, &world.store).await;
    assert!(matches!(early, Err(LoginError::WrongPassword(_))), "{early:?}");

    let first = world.login(EMAIL, typed, &world.store, &world.store).await.unwrap();
    let second = world.login(EMAIL, elsewhere, &world.store, &world.store).await.unwrap();
    let third = world.login(EMAIL, typed, &world.store, &world.store).await.unwrap();

    assert!(matches!(first.hash_upgrade, HashUpgrade::Done), "{first:?}");
    for later in [second, third] {
        assert!(matches!(later.hash_upgrade, HashUpgrade::NotDue), "{later:?}");
    }
}

#[tokio::test]
async fn an_upgrade_is_no_change_of_password() {
    let world = World::new().await;
    plant(&world, ARGON2I).await;
    let before = stored(&world).await;

    world.logged_in().await;

    let after = stored(&world).await;
    assert_ne!(after.password_hash, before.password_hash);
    assert_eq!(after.password_changed_at, before.password_changed_at);
    assert_eq!(after.user_id, before.user_id);
}

#[tokio::test]
async fn a_cost_that_was_raised_reaches_each_hash_at_its_next_login() {
    let mut world = World::new().await;
    world.hasher = Hasher::new(HashCost::new(20_480, 3));

    let login = world.login(EMAIL, PASSWORD, &world.store, &world.store).await.unwrap();

    assert!(matches!(login.hash_upgrade, HashUpgrade::Done), "{login:?}");
    let hash = stored(&world).await.password_hash;
    assert!(hash.expose().starts_with("$argon2id$v=19$m=20480,t=3,p=1$"));
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_never_overwritten() {
    let world = World::new().await;
    plant(&world, ARGON2I).await;
    let changed = PasswordHash::from_stored("changed".to_owned());
    let users = ChangedMeanwhile(&world.store, changed.clone());

    let login = world.login(EMAIL, PASSWORD, &users, &world.store).await.unwrap();

    assert!(matches!(login.hash_upgrade, HashUpgrade::Overtaken), "{login:?}");
    assert_eq!(stored(&world).await.password_hash, changed);
}

/// The password changes after the login has read the old credentials and before it reads the user. If the login
/// succeeded, its session would have the new epoch, and would outlive the change.
#[tokio::test]
async fn an_old_password_leaves_no_session_alive_while_it_is_changed() {
    let world = World::new().await;
    let changed = PasswordRecord {
        password_hash: PasswordHash::from_stored("changed".to_owned()),
        password_changed_at: NOW.timestamp().plus(Span::seconds(1)),
        ..stored(&world).await
    };
    let users = ChangedWhileRead(&world.store, email(EMAIL), changed);

    let outcome = world.login(EMAIL, PASSWORD, &users, &world.store).await;

    assert!(matches!(outcome, Err(LoginError::WrongPassword(_))), "{outcome:?}");
    assert_eq!(alive(&world, 0).await, []);
}

#[tokio::test]
async fn an_upgrade_that_fails_hinders_no_login() {
    let world = World::new().await;
    plant(&world, ARGON2I).await;

    let login = world
        .login(EMAIL, PASSWORD, &ReadOnly(&world.store), &world.store)
        .await
        .unwrap();

    let upgrade = login.hash_upgrade;
    assert!(
        matches!(upgrade, HashUpgrade::NotStored(StoreError::Unavailable { .. })),
        "{upgrade:?}"
    );
    assert_eq!(stored(&world).await.password_hash.expose(), ARGON2I);
    assert!(
        world
            .store
            .session(&world.user.id, &login.tokens.sid)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_refused_login_upgrades_no_hash() {
    let world = World::new().await;
    plant(&world, ARGON2I).await;

    let wrong = world.login(EMAIL, "something else", &world.store, &Unreachable).await;
    world.set_status(Status::Disabled).await;
    let disabled = world.login(EMAIL, PASSWORD, &world.store, &Unreachable).await;

    assert!(matches!(wrong, Err(LoginError::WrongPassword(_))), "{wrong:?}");
    assert!(matches!(disabled, Err(LoginError::Disabled(_))), "{disabled:?}");
    assert_eq!(stored(&world).await.password_hash.expose(), ARGON2I);
}

#[tokio::test]
async fn a_stored_hash_with_absurd_parameters_is_nobodys_and_costs_nothing() {
    let world = World::new().await;
    for parameters in ["m=4194304,t=2,p=1", "m=19456,t=1000000,p=1", "m=19456,t=2,p=16777215"] {
        let hash = format!("$argon2id$v=19${parameters}${}${}", "A".repeat(22), "A".repeat(43));
        plant(&world, &hash).await;

        let outcome = world.login(EMAIL, PASSWORD, &world.store, &Unreachable).await;

        assert!(matches!(outcome, Err(LoginError::WrongPassword(_))), "{outcome:?}");
    }
}

/// The user's password, hashed by argon2-cffi.
const ARGON2I: &str = "$argon2i$v=19$m=1024,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$Z9tQ5x+TJA0PzMbFcJCUA0Sxu8cKh4sKwxxZauJbgkA";
/// The user's password, hashed by Python's bcrypt.
const BCRYPT: &str = "$2b$05$ELhH2AKqxVeG9NtyfZM61.V7Vaw0MGRvRhjA78n2W1ifmcy1nzL52";

async fn stored(world: &World) -> PasswordRecord {
    world.store.password_record(&email(EMAIL)).await.unwrap().unwrap()
}

/// Stores this hash for the user.
async fn plant(world: &World, hash: &str) {
    let credentials = PasswordRecord {
        password_hash: PasswordHash::from_stored(hash.to_owned()),
        ..stored(world).await
    };
    assert!(world.store.replace_password(&email(EMAIL), &credentials).await.unwrap());
}
