//! A reader's copy of the public keys: read again when due, or for an unknown key.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claims::{InvalidJwks, Jwks, Millis};

use crate::{
    error::StoreError,
    following::{Following, ForKey, Freshness, Undecided},
    keys::ReadPublicKeys,
};

/// The public keys known at a moment.
#[derive(Debug)]
pub struct KnownKeys<K> {
    /// The value made from the keys.
    pub keys: Arc<K>,
    /// Why the copy is older than it should be. Each failed read is reported once.
    pub fault: Option<Undecided>,
}

/// Follows the public keys, and makes one `K` from each new set.
pub struct PublicKeyReader<P, K> {
    source: P,
    following: Following,
    make: MakeKeys<K>,
    /// Held while the keys are read, so that only one read runs at a time.
    turn: tokio::sync::Mutex<()>,
    copy: Mutex<Copy<K>>,
}

type MakeKeys<K> = Box<dyn Fn(&Jwks) -> Result<K, InvalidJwks> + Send + Sync>;

struct Copy<K> {
    freshness: Freshness,
    jwks: Option<String>,
    keys: Option<Arc<K>>,
}

impl<P: ReadPublicKeys, K> PublicKeyReader<P, K> {
    /// Makes a reader that has read nothing yet.
    pub fn new(
        source: P,
        following: Following,
        make: impl Fn(&Jwks) -> Result<K, InvalidJwks> + Send + Sync + 'static,
    ) -> Self {
        Self {
            source,
            following,
            make: Box::new(make),
            turn: tokio::sync::Mutex::default(),
            copy: Mutex::new(Copy {
                freshness: Freshness::default(),
                jwks: None,
                keys: None,
            }),
        }
    }

    /// Returns what is known at `now`, and reads again if that is due.
    ///
    /// # Errors
    /// If no key has been published, the last copy is too old, or there is none.
    pub async fn known(&self, now: Millis) -> Result<KnownKeys<K>, Undecided> {
        let _turn = self.turn.lock().await;
        let is_due = self.copy().freshness.is_due(self.following.poll, now);
        let fault = if is_due { self.read(now).await.err() } else { None };
        self.tell(now, fault)
    }

    /// Reads the keys once more for an unknown key. Returns `None` if that was already done within a minute.
    ///
    /// # Errors
    /// If they cannot be read, since the key may have been published in the meantime.
    pub async fn known_again(&self, now: Millis) -> Result<Option<KnownKeys<K>>, Undecided> {
        let _turn = self.turn.lock().await;
        let for_key = self.copy().freshness.for_key(now);
        match for_key {
            ForKey::Nothing => return Ok(None),
            ForKey::Wait => return Err(Undecided::Unread),
            ForKey::Read => {}
        }
        self.read(now).await.map_err(Undecided::Unreadable)?;
        self.copy().freshness.asked_for_key(now);
        self.tell(now, None).map(Some)
    }

    /// Returns the last known keys, however old they are.
    pub fn last_keys(&self) -> Option<Arc<K>> {
        self.copy().keys.clone()
    }

    fn copy(&self) -> MutexGuard<'_, Copy<K>> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, now: Millis) -> Result<(), StoreError> {
        self.copy().freshness.try_at(now);
        let jwks = self.source.public_keys().await?;

        let copy = &mut *self.copy();
        if jwks != copy.jwks {
            copy.keys = jwks.as_deref().map(|json| self.keys(json)).transpose()?;
            copy.jwks = jwks;
        }
        copy.freshness.read(now);
        Ok(())
    }

    fn keys(&self, json: &str) -> Result<Arc<K>, StoreError> {
        let keys = Jwks::from_json(json).and_then(|jwks| (self.make)(&jwks));
        keys.map(Arc::new).map_err(|_| StoreError::Malformed {
            operation: "read public keys",
        })
    }

    fn tell(&self, now: Millis, fault: Option<StoreError>) -> Result<KnownKeys<K>, Undecided> {
        let fault = fault.map(Undecided::Unreadable);
        let copy = self.copy();
        if !copy.freshness.serves(&self.following, now) {
            return Err(fault.unwrap_or(Undecided::Unread));
        }
        let keys = copy.keys.clone().ok_or(Undecided::NoKeys)?;
        Ok(KnownKeys { keys, fault })
    }
}

impl<P, K> std::fmt::Debug for PublicKeyReader<P, K> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("PublicKeyReader").field(&self.following).finish()
    }
}
