//! A reader's copy of what is announced: read anew when it is due, trusted for as long as it may be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claims::{InvalidJwks, Jwks, Millis, Seconds};

use crate::{
    Announced, ReadAnnounced, Revocations, StoreError,
    freshness::{ForKey, Freshness},
    retention,
};

/// Writers whose clocks disagree, and writes that are seen late.
const LATE: Seconds = Seconds::new(60);

/// How revocations are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// Not at all: only the public keys are read.
    Keys {
        /// How old a copy may be before it is read anew.
        poll: Seconds,
        /// How old it may be when it cannot be.
        stale: Seconds,
    },
    /// By asking this often.
    Revocations {
        /// How old a copy may be before it is read anew.
        poll: Seconds,
        /// How old it may be when it cannot be.
        stale: Seconds,
        /// What is done about one that is older.
        on_failure: OnFailure,
    },
}

/// What is decided about tokens that may have been revoked since the feed could be read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing is: no token passes, and none is called bad.
    Closed,
    /// They pass.
    Open,
}

/// A word that is neither `closed` nor `open`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be closed or open")]
pub struct InvalidOnFailure;

impl std::str::FromStr for OnFailure {
    type Err = InvalidOnFailure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "closed" => Ok(Self::Closed),
            "open" => Ok(Self::Open),
            _ => Err(InvalidOnFailure),
        }
    }
}

/// What is known, as of a moment.
#[derive(Debug)]
pub struct Known<K> {
    /// What was made of the public keys; nothing before the first are published.
    pub keys: Option<Arc<K>>,
    /// What is revoked.
    pub revocations: Arc<Revocations>,
    /// Why it is older than it should be; told once for each time that the feed could not be read.
    pub fault: Option<StoreError>,
}

/// Why nothing can be decided. It is never a token's fault.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// The feed was read, and no key is in it.
    #[error("no public key has been published yet")]
    NoKeys,
    /// The feed cannot be read, and there is no copy that may still be trusted.
    #[error("the feed cannot be read: {0}")]
    Unreadable(StoreError),
    /// As before; it was tried a moment ago.
    #[error("the feed could not be read a moment ago")]
    Unread,
}

/// Follows a feed. Of each new set of public keys a `K` is made, once.
pub struct FeedReader<F, K> {
    feed: F,
    following: Following,
    make: MakeKeys<K>,
    /// Held while the feed is read, so that one query is under way at a time.
    turn: tokio::sync::Mutex<()>,
    copy: Mutex<Copy<K>>,
}

type MakeKeys<K> = Box<dyn Fn(&Jwks) -> Result<K, InvalidJwks> + Send + Sync>;

struct Copy<K> {
    freshness: Freshness,
    /// The newest announcement in it.
    newest: Option<Millis>,
    jwks: Option<String>,
    keys: Option<Arc<K>>,
    revocations: Arc<Revocations>,
}

impl<F: ReadAnnounced, K> FeedReader<F, K> {
    /// A reader that has read nothing yet.
    pub fn new(
        feed: F,
        following: Following,
        make: impl Fn(&Jwks) -> Result<K, InvalidJwks> + Send + Sync + 'static,
    ) -> Self {
        Self {
            feed,
            following,
            make: Box::new(make),
            turn: tokio::sync::Mutex::default(),
            copy: Mutex::new(Copy {
                freshness: Freshness::default(),
                newest: None,
                jwks: None,
                keys: None,
                revocations: Arc::default(),
            }),
        }
    }

    /// What is known at `now`; read anew where it is due.
    ///
    /// # Errors
    /// When the last copy is older than it may be, or there is none.
    pub async fn known(&self, now: Millis) -> Result<Known<K>, Undecided> {
        let _turn = self.turn.lock().await;
        let fault = if self.is_due(now) {
            self.read(now).await.err()
        } else {
            None
        };
        self.tell(now, fault)
    }

    /// What is known at `now`, read once more for a key that is not; nothing when that was done within a minute.
    ///
    /// # Errors
    /// When it cannot be read: the key may have been published since.
    pub async fn known_again(&self, now: Millis) -> Result<Option<Known<K>>, Undecided> {
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

    fn is_due(&self, now: Millis) -> bool {
        let (Following::Keys { poll, .. } | Following::Revocations { poll, .. }) = self.following;
        self.copy().freshness.is_due(poll, now)
    }

    async fn read(&self, now: Millis) -> Result<(), StoreError> {
        let from = {
            let mut copy = self.copy();
            if copy.freshness.try_at(now) {
                // The clock ran ahead and has been set back: what was forgotten meanwhile may matter again.
                copy.newest = None;
            }
            self.begin(&copy, now)
        };
        let Announced { revocations, jwks } = self.feed.announced(from).await?;

        let copy = &mut *self.copy();
        if matches!(self.following, Following::Revocations { .. }) {
            let known = Arc::make_mut(&mut copy.revocations);
            known.prune(now.timestamp());
            for (at, revocation) in revocations {
                copy.newest = copy.newest.max(Some(at));
                known.insert(at, revocation);
            }
        }
        if jwks != copy.jwks {
            copy.keys = jwks.as_deref().map(|json| self.keys(json)).transpose()?;
            copy.jwks = jwks;
        }
        copy.freshness.read(now);
        Ok(())
    }

    /// From when on to ask: everything that matters the first time, then what is new and what was written late. The keys
    /// come with every answer.
    fn begin(&self, copy: &Copy<K>, now: Millis) -> Millis {
        let oldest = earlier(now, retention());
        match (self.following, copy.newest) {
            (Following::Keys { .. }, _) => now,
            (Following::Revocations { .. }, None) => oldest,
            // A writer whose clock runs ahead must not make this skip what others announce.
            (Following::Revocations { .. }, Some(newest)) => earlier(newest.min(now), LATE).max(oldest),
        }
    }

    fn keys(&self, json: &str) -> Result<Arc<K>, StoreError> {
        let keys = Jwks::from_json(json).and_then(|jwks| (self.make)(&jwks));
        keys.map(Arc::new).map_err(|_| StoreError::Malformed {
            operation: "read public keys",
        })
    }

    fn tell(&self, now: Millis, fault: Option<StoreError>) -> Result<Known<K>, Undecided> {
        let copy = self.copy();
        let is_good = match self.following {
            Following::Revocations {
                on_failure: OnFailure::Open,
                ..
            } => copy.freshness.is_read(),
            Following::Keys { stale, .. } | Following::Revocations { stale, .. } => {
                copy.freshness.is_within(stale, now)
            }
        };
        if !is_good {
            return Err(fault.map_or(Undecided::Unread, Undecided::Unreadable));
        }
        Ok(Known {
            keys: copy.keys.clone(),
            revocations: Arc::clone(&copy.revocations),
            fault,
        })
    }
}

fn earlier(at: Millis, span: Seconds) -> Millis {
    Millis::new(at.get().saturating_sub(span.get().saturating_mul(1000)))
}

impl<F, K> std::fmt::Debug for FeedReader<F, K> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("FeedReader").field(&self.following).finish()
    }
}
