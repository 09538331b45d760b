//! A reader's copy of the public keys: read again when it is due, or for a key that is not known.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claims::{InvalidJwks, Jwks, Millis};

use crate::{
    error::StoreError,
    following::{Following, ForKey, Freshness, Undecided},
    keys::ReadPublicKeys,
};

/// What is known of the public keys, as of a moment.
#[derive(Debug)]
pub struct KnownKeys<K> {
    /// What was made of them.
    pub keys: Arc<K>,
    /// Why they are older than they should be; told once for each time that they could not be read.
    pub fault: Option<Undecided>,
}

/// Follows the public keys. Of each new set a `K` is made, once.
pub struct PublicKeyReader<P, K> {
    source: P,
    following: Following,
    make: MakeKeys<K>,
    /// Held while they are read, so that one question is under way at a time.
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
    /// A reader that has read nothing yet.
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

    /// What is known at `now`; read again where it is due.
    ///
    /// # Errors
    /// When no key has been published, and when the last copy is older than it may be, or there is none.
    pub async fn known(&self, now: Millis) -> Result<KnownKeys<K>, Undecided> {
        let _turn = self.turn.lock().await;
        let is_due = self.copy().freshness.is_due(self.following.poll, now);
        let fault = if is_due { self.read(now).await.err() } else { None };
        self.tell(now, fault)
    }

    /// What is known at `now`, read once more for a key that is not; nothing when that was done within a minute.
    ///
    /// # Errors
    /// When they cannot be read: the key may have been published since.
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

    /// The keys as they were read last, however long ago.
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
