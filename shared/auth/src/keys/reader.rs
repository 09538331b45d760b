//! Following a key set: read at start, and again on a request once the copy is old.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claims::{InvalidKeySet, KeySet, Millis, Seconds, TokenKind};
use zeroize::Zeroizing;

use crate::{
    error::StoreError,
    following::{ForKey, Freshness},
    keys::ReadSecret,
};

/// The maximum age of a copy that cannot be read again. It is far less than the time for which a successor is published
/// before it signs, so that nobody signs with a key whose time is over.
pub const KEYS_STALE: Seconds = Seconds::new(60 * 60);

/// Why a key set could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The store failed.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
    /// The secret is not a valid key set.
    #[error("the key set is wrong: {0}")]
    Invalid(#[from] InvalidKeySet),
}

/// Why there is no key. The token is never the cause.
#[derive(Debug, thiserror::Error)]
pub enum KeysUnavailable {
    /// The key set was read, but does not have its first key yet.
    #[error("no key has been made yet")]
    NoKeys,
    /// The key set cannot be read, and there is no copy that is recent enough.
    #[error(transparent)]
    Fault(#[from] KeyFault),
    /// A read failed a moment ago and has not been tried again yet.
    #[error("the key set could not be read a moment ago")]
    Unread,
}

/// Follows a key set for tokens of kind `K`, and makes one `T` from each new set.
pub struct KeyReader<S, K, T> {
    source: S,
    make: Make<K, T>,
    /// Held while the set is read, so that only one read runs at a time.
    turn: tokio::sync::Mutex<()>,
    copy: Mutex<Copy<T>>,
}

type Make<K, T> = Box<dyn Fn(KeySet<K>) -> T + Send + Sync>;

struct Copy<T> {
    freshness: Freshness,
    text: Option<Zeroizing<String>>,
    made: Option<Arc<T>>,
    /// Why the last read failed, until it is reported.
    fault: Option<KeyFault>,
}

impl<S: ReadSecret, K: TokenKind, T> KeyReader<S, K, T> {
    /// Reads the key set for the first time. If it cannot be read, the first request tries again.
    ///
    /// # Errors
    /// If the secret is not a valid key set, since then no request could be answered.
    pub async fn start(
        source: S,
        now: Millis,
        make: impl Fn(KeySet<K>) -> T + Send + Sync + 'static,
    ) -> Result<Self, InvalidKeySet> {
        let reader = Self {
            source,
            make: Box::new(make),
            turn: tokio::sync::Mutex::default(),
            copy: Mutex::new(Copy {
                freshness: Freshness::default(),
                text: None,
                made: None,
                fault: None,
            }),
        };
        match reader.read(now).await {
            Err(KeyFault::Invalid(fault)) => return Err(fault),
            // The failed read is forgotten, so that the first request need not wait for the pause after it.
            Err(KeyFault::Unreadable(fault)) => {
                *reader.copy() = Copy {
                    freshness: Freshness::default(),
                    text: None,
                    made: None,
                    fault: Some(fault.into()),
                }
            }
            Ok(()) => {}
        }
        Ok(reader)
    }

    /// Returns the value made from the key set as known at `now`. It reads the set again if that is due, or if the last
    /// copy had no keys.
    ///
    /// # Errors
    /// If there is no key, or the last copy is older than [`KEYS_STALE`].
    pub async fn known(&self, now: Millis) -> Result<Arc<T>, KeysUnavailable> {
        let _turn = self.turn.lock().await;
        let mut fault = None;
        if self.is_due(now) {
            fault = self.read(now).await.err();
        }
        self.tell(now, fault)
    }

    /// Does the same, and reads the set once more if the value `lacks` the key of a token. It does so at most once a
    /// minute.
    ///
    /// # Errors
    /// The same as [`KeyReader::known`], and if the extra read fails: the key may have been made since.
    pub async fn known_for(&self, now: Millis, lacks: impl Fn(&T) -> bool + Send) -> Result<Arc<T>, KeysUnavailable> {
        let known = self.known(now).await?;
        if !lacks(&known) {
            return Ok(known);
        }
        let _turn = self.turn.lock().await;
        let for_key = self.copy().freshness.for_key(now);
        match for_key {
            ForKey::Nothing => return Ok(known),
            ForKey::Wait => return Err(KeysUnavailable::Unread),
            ForKey::Read => {}
        }
        self.read(now).await?;
        self.copy().freshness.asked_for_key(now);
        self.tell(now, None)
    }

    /// Returns why reading failed, if it did since the last call and the error was not already returned to a caller.
    pub fn take_fault(&self) -> Option<KeyFault> {
        self.copy().fault.take()
    }

    fn copy(&self) -> MutexGuard<'_, Copy<T>> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, now: Millis) -> bool {
        let copy = self.copy();
        let poll = if copy.made.is_some() {
            self.source.poll()
        } else {
            Seconds::new(0)
        };
        copy.freshness.is_due(poll, now)
    }

    async fn read(&self, now: Millis) -> Result<(), KeyFault> {
        self.copy().freshness.try_at(now);
        let text = self.source.read().await?;
        let is_new = self.copy().text.as_ref() != Some(&text);
        if is_new {
            let set = KeySet::from_json(&text)?;
            let made = (!set.is_empty()).then(|| Arc::new((self.make)(set)));
            let mut copy = self.copy();
            copy.text = Some(text);
            copy.made = made;
        }
        self.copy().freshness.read(now);
        Ok(())
    }

    fn tell(&self, now: Millis, fault: Option<KeyFault>) -> Result<Arc<T>, KeysUnavailable> {
        let mut copy = self.copy();
        if !copy.freshness.is_within(KEYS_STALE, now) {
            return Err(fault.map_or(KeysUnavailable::Unread, KeysUnavailable::Fault));
        }
        if fault.is_some() {
            copy.fault = fault;
        }
        copy.made.clone().ok_or(KeysUnavailable::NoKeys)
    }
}

impl<S, K, T> std::fmt::Debug for KeyReader<S, K, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyReader(..)")
    }
}
