//! The four steps of a rotation when they are repeated, concurrent or out of order, or follow an operator's change.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, ReadKeySet, ReplaceError, ReplaceKeySet},
};
use claims::{Access, Algorithm, Jwks, KeySchedule, KeySet, KeySetDocument, Moment, Span, Timestamp, TokenKind};
use keygen::Withdrawn;
use rotation::steps::{RotationError, create, finish, publish, test};

use crate::vault::{Feed, Vault, rotate_access};

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const EDDSA: Algorithm = Algorithm::EdDSA;

#[tokio::test]
async fn each_step_may_come_twice() {
    let (vault, feed) = system();

    for _ in 0..2 {
        create::<Access>("r-1", EDDSA, NOW, &mut config::random(), &vault)
            .await
            .unwrap();
    }
    let waiting = vault.waiting();
    for _ in 0..2 {
        publish::<Access>("r-1", &vault, &feed).await.unwrap();
    }
    for _ in 0..2 {
        test::<Access>("r-1", NOW, &vault, &feed).await.unwrap();
    }
    assert!(finish::<Access>("r-1", &vault, &feed).await.unwrap().is_some());
    assert!(finish::<Access>("r-1", &vault, &feed).await.unwrap().is_none());

    assert_eq!(waiting, Some(vault.text()));
    for step in 0..3 {
        let late = match step {
            0 => create::<Access>("r-1", EDDSA, NOW, &mut config::random(), &vault).await,
            1 => publish::<Access>("r-1", &vault, &feed).await,
            _ => test::<Access>("r-1", NOW, &vault, &feed).await,
        };
        late.unwrap();
    }
    assert_eq!(waiting, Some(vault.text()), "a finished rotation is left as it is");
}

#[tokio::test]
async fn two_at_once_make_one_version() {
    let (vault, feed) = system();
    let (mut one, mut other) = (config::random(), config::random());

    let (first, second) = tokio::join!(
        create::<Access>("r-1", EDDSA, NOW, &mut one, &vault),
        create::<Access>("r-1", EDDSA, NOW, &mut other, &vault)
    );
    first.unwrap();
    second.unwrap();
    publish::<Access>("r-1", &vault, &feed).await.unwrap();
    test::<Access>("r-1", NOW, &vault, &feed).await.unwrap();
    finish::<Access>("r-1", &vault, &feed).await.unwrap();

    let document = KeySetDocument::from_json(&vault.text()).unwrap();
    assert_eq!(document.keys.len(), 1);
    assert_eq!(feed.jwks(), jwks(&vault));
}

#[tokio::test]
async fn a_step_before_the_first_one_is_refused() {
    let (vault, feed) = system();

    let faults = [
        publish::<Access>("r-1", &vault, &feed).await.unwrap_err(),
        test::<Access>("r-1", NOW, &vault, &feed).await.unwrap_err(),
        finish::<Access>("r-1", &vault, &feed).await.unwrap_err(),
    ];

    for fault in faults {
        assert!(matches!(fault, RotationError::NoPending), "{fault:?}");
    }
}

#[tokio::test]
async fn a_key_set_is_not_promoted_before_its_public_keys_are_published() {
    let (vault, feed) = system();
    rotate_access("r-0", EDDSA, NOW, &vault, &feed).await.unwrap();
    let later = after(30);
    create::<Access>("r-1", EDDSA, later, &mut config::random(), &vault)
        .await
        .unwrap();

    let fault = test::<Access>("r-1", later, &vault, &feed).await.unwrap_err();

    assert!(matches!(fault, RotationError::Unpublished), "{fault:?}");
}

/// Someone restores the public keys table, or deletes its contents, after the pending keys were tested.
#[tokio::test]
async fn lost_public_keys_are_published_again_before_promotion() {
    let (vault, feed) = system();
    rotate_access("r-0", EDDSA, NOW, &vault, &feed).await.unwrap();
    let (old, later) = (feed.jwks(), after(30));
    vault.at(later);
    feed.at(later);
    create::<Access>("r-1", EDDSA, later, &mut config::random(), &vault)
        .await
        .unwrap();
    publish::<Access>("r-1", &vault, &feed).await.unwrap();
    test::<Access>("r-1", later, &vault, &feed).await.unwrap();
    let current = KeySet::<Access>::from_json(&vault.text()).unwrap();
    auth::keys::PublishKeys::publish(&feed, &current.jwks()).await.unwrap();
    assert_eq!(feed.jwks(), old);

    finish::<Access>("r-1", &vault, &feed).await.unwrap().unwrap();

    assert_ne!(feed.jwks(), old);
    assert_eq!(feed.jwks(), jwks(&vault));
}

#[tokio::test]
async fn a_set_whose_public_keys_cannot_be_published_again_is_not_promoted() {
    let (vault, feed) = system();
    create::<Access>("r-1", EDDSA, NOW, &mut config::random(), &vault)
        .await
        .unwrap();
    publish::<Access>("r-1", &vault, &feed).await.unwrap();
    test::<Access>("r-1", NOW, &vault, &feed).await.unwrap();
    let before = vault.text();

    let fault = finish::<Access>("r-1", &vault, &Unreachable).await.unwrap_err();

    assert!(matches!(fault, RotationError::Store(_)), "{fault:?}");
    assert_eq!(vault.text(), before);
    finish::<Access>("r-1", &vault, &feed).await.unwrap().unwrap();
}

/// An operator retires a leaked key during a rotation, before each of its later steps in turn. The pending key set
/// still contains the key. `authctl` replaces the pending version, but an operator who writes the secret by hand leaves
/// it as it is.
#[tokio::test]
async fn a_key_that_was_retired_meanwhile_does_not_come_back() {
    for (before, by_hand) in [0, 1, 2]
        .into_iter()
        .flat_map(|before| [(before, false), (before, true)])
    {
        let (vault, feed) = system();
        rotate_access("r-0", EDDSA, NOW, &vault, &feed).await.unwrap();
        let leaked = KeySetDocument::from_json(&vault.text()).unwrap().keys[0].kid.clone();
        let later = after(30);
        vault.at(later);
        feed.at(later);
        create::<Access>("r-1", EDDSA, later, &mut config::random(), &vault)
            .await
            .unwrap();
        if before > 0 {
            publish::<Access>("r-1", &vault, &feed).await.unwrap();
        }
        if before > 1 {
            test::<Access>("r-1", later, &vault, &feed).await.unwrap();
        }
        let stale = KeySet::<Access>::from_json(&vault.waiting().unwrap()).unwrap();
        if by_hand {
            retire(later, &ByHand(&vault), &feed).await;
        } else {
            retire(later, &vault, &feed).await;
        }
        if before == 1 {
            // The rotation read the keys before the operator's change, and publishes them after it.
            auth::keys::PublishKeys::publish(&feed, &stale.jwks()).await.unwrap();
        }

        let fault = match before {
            0 => publish::<Access>("r-1", &vault, &feed).await.unwrap_err(),
            1 => test::<Access>("r-1", later, &vault, &feed).await.unwrap_err(),
            _ => finish::<Access>("r-1", &vault, &feed).await.map(drop).unwrap_err(),
        };

        let is_named = if by_hand {
            matches!(fault, RotationError::Overtaken)
        } else {
            matches!(fault, RotationError::NoPending)
        };
        assert!(is_named, "{fault:?}");
        assert_eq!(vault.waiting(), None);
        assert!(!vault.text().contains(leaked.as_str()));
        assert!(!feed.jwks().contains(leaked.as_str()), "before step {before}");
        rotate_access("r-2", EDDSA, after(31), &vault, &feed).await.unwrap();
        assert!(!vault.text().contains(leaked.as_str()));
    }
}

/// The rotation has nothing to add, because a successor is already scheduled. An operator then withdraws this
/// successor.
#[tokio::test]
async fn a_scheduled_key_that_was_withdrawn_meanwhile_does_not_come_back() {
    let (vault, feed) = system();
    rotate_access("r-0", EDDSA, NOW, &vault, &feed).await.unwrap();
    let later = after(30);
    vault.at(later);
    feed.at(later);
    rotate_access("r-1", EDDSA, later, &vault, &feed).await.unwrap();
    create::<Access>("r-2", EDDSA, later, &mut config::random(), &vault)
        .await
        .unwrap();
    let mut left = KeySetDocument::from_json(&vault.text()).unwrap();
    let leaked = left.keys.pop().unwrap();
    assert!(leaked.activates_at > later);
    left.keys[0].retires_at = None;
    vault.put(&left.to_json());

    let fault = publish::<Access>("r-2", &vault, &feed).await.unwrap_err();

    assert!(matches!(fault, RotationError::Overtaken), "{fault:?}");
    assert!(!feed.jwks().contains(leaked.kid.as_str()));
    assert!(finish::<Access>("r-2", &vault, &feed).await.is_err());
    assert!(!vault.text().contains(leaked.kid.as_str()));
}

#[tokio::test]
async fn a_key_set_that_is_wrong_is_named_and_left_as_it_is() {
    let (vault, _) = system();
    let wrong = r#"{"keys":[{"kid":"one","alg":"HS256","activates_at":1,"k":"c2hvcnQ"}]}"#;
    vault.put(wrong);

    let fault = create::<Access>("r-1", EDDSA, NOW, &mut config::random(), &vault)
        .await
        .unwrap_err();

    assert_eq!(
        fault.to_string(),
        "the key set is invalid: key one: its secret is shorter than 32 bytes"
    );
    assert_eq!((vault.text().as_str(), vault.waiting()), (wrong, None));
}

/// A public keys table that refuses every write.
struct Unreachable;

impl auth::keys::PublishKeys for Unreachable {
    async fn publish(&self, _: &Jwks) -> Result<(), StoreError> {
        Err(StoreError::Unavailable {
            operation: "publish keys",
            cause: "unreachable".to_owned(),
        })
    }
}

impl auth::keys::PublishSchedule for Unreachable {
    async fn publish_schedule<K: TokenKind>(&self, _: &KeySchedule) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Does the same as `authctl key retire access --all`.
async fn retire(now: Timestamp, keys: &impl ReplaceKeySet, feed: &Feed) {
    let (now, rng) = (Moment::new(now.get() * 1000), &mut config::random());
    rotation::withdraw::<Access>(&Withdrawn::All, Some(EDDSA), now, rng, keys, feed)
        .await
        .unwrap();
}

/// A secret that an operator writes by hand. The write leaves the pending version as it is.
struct ByHand<'a>(&'a Vault);

impl ReadKeySet for ByHand<'_> {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        self.0.current().await
    }
}

impl ReplaceKeySet for ByHand<'_> {
    async fn replace_version(&self, _: &KeySetVersion, next: &KeySetVersion) -> Result<(), ReplaceError> {
        self.0.put(&next.text);
        Ok(())
    }
}

fn system() -> (Vault, Feed) {
    let (vault, feed) = (Vault::empty(NOW), Feed::default());
    feed.at(NOW);
    (vault, feed)
}

fn jwks(vault: &Vault) -> String {
    KeySet::<Access>::from_json(&vault.text()).unwrap().jwks().to_json()
}

fn after(days: u64) -> Timestamp {
    NOW.plus(Span::seconds(days * 24 * 60 * 60))
}
