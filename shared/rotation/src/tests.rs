//! Tests of the order in every change of a key set: the public keys are published first, and then the key set is
//! replaced.

use std::sync::Mutex;

use auth::{
    error::StoreError,
    keys::{
        KeySetVersion, PublishKeys, PublishSchedule, ReadKeySet as _, ReadPublicKeys as _, ReadSchedule as _,
        ReplaceKeySet as _,
    },
};
use claims::{Access, Algorithm, Jwks, KeySchedule, KeySet, Moment, Refresh, TokenKind};
use doubles::{Memory, MemorySecret};
use keygen::{LEAD, Withdrawn};

use crate::{
    ChangeError, rotate,
    steps::{self, RotationError},
    withdraw,
};

const NOW: Moment = Moment::new(1_700_000_000_000);
const EDDSA: Algorithm = Algorithm::EdDSA;

#[tokio::test]
async fn nothing_is_replaced_if_its_public_keys_cannot_be_published() {
    for change in Change::ALL {
        let secret = secret().await;
        let before = secret.text();

        let outcome = change.make(&secret, &Unreachable).await;

        assert!(outcome.is_err(), "{change:?}");
        assert_eq!(secret.text(), before, "{change:?}");
    }
}

#[tokio::test]
async fn public_keys_are_published_while_the_old_set_is_still_current() {
    for change in Change::ALL {
        let secret = secret().await;
        let before = secret.text();
        let witness = Witness::of(&secret);

        change.make(&secret, &witness).await.unwrap();

        let (jwks, current) = witness.seen.into_inner().unwrap().unwrap();
        assert_eq!(current, before, "{change:?}");
        assert_ne!(secret.text(), before, "{change:?}");
        assert_eq!(jwks, public_keys(&secret.text()), "{change:?}");
    }
}

#[tokio::test]
async fn a_set_that_was_changed_since_it_was_read_is_not_replaced() {
    for change in Change::ALL {
        let secret = secret().await;
        let rival = Rival::of(&secret);

        let outcome = change.make(&secret, &rival).await;

        assert!(
            matches!(&outcome, Err(Failed::Change(ChangeError::Overtaken(_))))
                || matches!(&outcome, Err(Failed::Step(RotationError::Store(_)))),
            "{change:?}: {outcome:?}"
        );
        assert_eq!(secret.text(), *rival.next.text, "{change:?}");
    }
}

#[tokio::test]
async fn only_the_schedule_of_refresh_keys_is_published() {
    let (secret, published) = (MemorySecret::default(), Memory::default());
    let (rng, algorithm) = (&mut config::random(), Some(Algorithm::HS256));

    let first = rotate::<Refresh>(algorithm, LEAD, NOW, rng, &secret, &published)
        .await
        .unwrap();
    let second = withdraw::<Refresh>(&Withdrawn::All, None, NOW, rng, &secret, &published)
        .await
        .unwrap();

    assert_ne!(first.keys[0].kid, second.keys[0].kid);
    assert_eq!(secret.text(), *second.to_json());
    assert_eq!(published.public_keys().await.unwrap(), None);
    let schedule = published.schedule::<Refresh>().await.unwrap();
    assert_eq!(schedule, Some(KeySchedule::from(&second)));
    let text = schedule.unwrap().to_json();
    assert!(!text.contains("\"k\":") && !text.contains("pkcs8"), "{text}");
}

/// The three ways in which a key set is replaced.
#[derive(Clone, Copy, Debug)]
enum Change {
    Rotate,
    Withdraw,
    Finish,
}

#[derive(Debug)]
enum Failed {
    Change(ChangeError),
    Step(RotationError),
}

impl Change {
    const ALL: [Self; 3] = [Self::Rotate, Self::Withdraw, Self::Finish];

    async fn make(
        self,
        secret: &MemorySecret,
        public_keys: &(impl PublishKeys + PublishSchedule),
    ) -> Result<(), Failed> {
        let rng = &mut config::random();
        let changed = match self {
            Self::Rotate => rotate::<Access>(None, LEAD, NOW, rng, secret, public_keys).await,
            Self::Withdraw => withdraw::<Access>(&Withdrawn::All, None, NOW, rng, secret, public_keys).await,
            Self::Finish => {
                let now = NOW.timestamp();
                let created = steps::create::<Access>("r-1", EDDSA, now, rng, secret).await;
                created.map_err(Failed::Step)?;
                let finished = steps::finish::<Access>("r-1", secret, public_keys).await;
                return finished.map(drop).map_err(Failed::Step);
            }
        };
        changed.map(drop).map_err(Failed::Change)
    }
}

/// A public keys table that refuses every write.
struct Unreachable;

impl PublishKeys for Unreachable {
    async fn publish(&self, _: &Jwks) -> Result<(), StoreError> {
        Err(StoreError::Unavailable {
            operation: "publish keys",
            cause: "unreachable".to_owned(),
        })
    }
}

impl PublishSchedule for Unreachable {
    async fn publish_schedule<K: TokenKind>(&self, _: &KeySchedule) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A public keys table that records the first keys that are published, and the key set that is current at that time.
struct Witness<'a> {
    secret: &'a MemorySecret,
    seen: Mutex<Option<(String, String)>>,
}

impl<'a> Witness<'a> {
    fn of(secret: &'a MemorySecret) -> Self {
        let seen = Mutex::default();
        Self { secret, seen }
    }
}

impl PublishKeys for Witness<'_> {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().unwrap();
        seen.get_or_insert((jwks.to_json(), self.secret.text()));
        Ok(())
    }
}

impl PublishSchedule for Witness<'_> {
    async fn publish_schedule<K: TokenKind>(&self, _: &KeySchedule) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A public keys table. While it publishes the first keys, an operator replaces the key set.
struct Rival<'a> {
    secret: &'a MemorySecret,
    next: KeySetVersion,
}

impl<'a> Rival<'a> {
    fn of(secret: &'a MemorySecret) -> Self {
        let next = KeySetVersion {
            id: "rival".to_owned(),
            text: keygen::access_key_set(EDDSA, NOW.timestamp(), &mut config::random()).unwrap(),
        };
        Self { secret, next }
    }
}

impl PublishKeys for Rival<'_> {
    async fn publish(&self, _: &Jwks) -> Result<(), StoreError> {
        let current = self.secret.current().await?;
        if current.id != self.next.id {
            self.secret.replace_version(&current, &self.next).await.unwrap();
        }
        Ok(())
    }
}

impl PublishSchedule for Rival<'_> {
    async fn publish_schedule<K: TokenKind>(&self, _: &KeySchedule) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Returns a secret whose key set has a signing key.
async fn secret() -> MemorySecret {
    let secret = MemorySecret::default();
    let text = keygen::access_key_set(EDDSA, NOW.timestamp(), &mut config::random()).unwrap();
    let first = KeySetVersion {
        id: "second".to_owned(),
        text,
    };
    let empty = secret.current().await.unwrap();
    secret.replace_version(&empty, &first).await.unwrap();
    secret
}

fn public_keys(text: &str) -> String {
    KeySet::<Access>::from_json(text).unwrap().jwks().to_json()
}
