//! A copy of the content of a source. The source is read again when due. If it cannot be read, [`Following`] determines
//! how long the copy is used.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use claims::{Moment, Span};
use zeroize::Zeroizing;

use crate::{
    error::StoreError,
    following::{FollowError, Following, Freshness, InvalidText, KeyAction},
};

/// Text that may change, for example a secret. To follow a source is to keep a copy of its text and to read the source
/// again when due.
pub trait Source: Send + Sync {
    /// Returns the current text, or `None` if there is none yet.
    fn text(&self) -> impl Future<Output = Result<Option<Zeroizing<String>>, StoreError>> + Send;
}

/// Follows a source, and makes one `T` from each new text. Only one read runs at a time.
pub struct Followed<S, T> {
    source: S,
    following: Following,
    make: Make<T>,
    /// Held while the source is read.
    turn: tokio::sync::Mutex<()>,
    cached: Mutex<Cached<T>>,
}

/// Makes a value from the text of a source. Returns `None` if the text is valid but has no content, such as an empty
/// key set.
type Make<T> = Box<dyn Fn(&str) -> Result<Option<T>, InvalidText> + Send + Sync>;

struct Cached<T> {
    freshness: Freshness,
    text: Option<Zeroizing<String>>,
    value: Option<Arc<T>>,
    /// The error of the last failed read, until it is reported.
    fault: Option<FollowError>,
}

impl<S: Source, T> Followed<S, T> {
    /// Prepares to follow a source. Nothing is read yet. `make` makes the value from what was read.
    pub fn new(
        source: S,
        following: Following,
        make: impl Fn(&str) -> Result<Option<T>, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        Self {
            source,
            following,
            make: Box::new(make),
            turn: tokio::sync::Mutex::default(),
            cached: Mutex::default(),
        }
    }

    /// Reads the source for the first time. If it cannot be read, the first request tries again.
    ///
    /// # Errors
    /// If the text is not valid: no request could be answered with it.
    pub async fn start(self, now: Moment) -> Result<Self, InvalidText> {
        match self.read(now).await {
            Ok(()) => Ok(self),
            Err(FollowError::Invalid(fault)) => Err(fault),
            Err(fault) => {
                // The failed read is forgotten, so that the first request does not have to wait for the pause after a
                // failure.
                *self.lock_cached() = Cached {
                    fault: Some(fault),
                    ..Cached::default()
                };
                Ok(self)
            }
        }
    }

    /// Returns the value as known at `now`. If a read is due or there is no value, the source is read first, unless a
    /// read failed a moment ago.
    ///
    /// # Errors
    /// If there is no value, or the copy is too old to be used.
    pub async fn current(&self, now: Moment) -> Result<Arc<T>, FollowError> {
        let _turn = self.turn.lock().await;
        let fault = if self.is_due(now) {
            self.read(now).await.err()
        } else {
            None
        };
        self.usable_value(now, fault)
    }

    /// Reads the source again, because the value lacks a key. Returns `None` without a read if the source was read for
    /// this reason within the last minute, or at `now` for any reason.
    ///
    /// # Errors
    /// If the source cannot be read, its text is not valid, or a read failed a moment ago. In these cases it stays
    /// unknown whether the source has the missing key.
    pub async fn read_for_key(&self, now: Moment) -> Result<Option<Arc<T>>, FollowError> {
        let _turn = self.turn.lock().await;
        let action = self.lock_cached().freshness.key_action(now);
        match action {
            KeyAction::Nothing => return Ok(None),
            KeyAction::Wait => return Err(FollowError::Paused),
            KeyAction::Read => {}
        }
        self.read(now).await?;
        self.lock_cached().freshness.mark_asked_for_key(now);
        self.usable_value(now, None).map(Some)
    }

    /// Returns the last value, however old it is, or `None` if there is none.
    pub fn last_value(&self) -> Option<Arc<T>> {
        self.lock_cached().value.clone()
    }

    /// Returns the error of the last failed read, unless a caller already got it or an earlier call of this function
    /// returned it.
    pub fn take_fault(&self) -> Option<FollowError> {
        self.lock_cached().fault.take()
    }

    fn lock_cached(&self) -> MutexGuard<'_, Cached<T>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, now: Moment) -> bool {
        let cached = self.lock_cached();
        let poll = if cached.value.is_some() {
            self.following.poll
        } else {
            Span::seconds(0)
        };
        cached.freshness.is_due(poll, now)
    }

    async fn read(&self, now: Moment) -> Result<(), FollowError> {
        self.lock_cached().freshness.mark_tried(now);
        let text = self.source.text().await.map_err(FollowError::Unreadable)?;
        let is_new = self.lock_cached().text != text;
        if is_new {
            let value = match &text {
                Some(text) => (self.make)(text).map_err(FollowError::Invalid)?,
                None => None,
            };
            let mut cached = self.lock_cached();
            cached.value = value.map(Arc::new);
            cached.text = text;
        }
        self.lock_cached().freshness.mark_read(now);
        Ok(())
    }

    /// Returns the value if the copy may still be used. In that case `fault`, the error of the last read, is kept until
    /// it is reported.
    fn usable_value(&self, now: Moment, fault: Option<FollowError>) -> Result<Arc<T>, FollowError> {
        let mut cached = self.lock_cached();
        if !cached.freshness.serves(&self.following, now) {
            return Err(fault.unwrap_or(FollowError::Paused));
        }
        if fault.is_some() {
            cached.fault = fault;
        }
        cached.value.clone().ok_or(FollowError::Empty)
    }
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self {
            freshness: Freshness::default(),
            text: None,
            value: None,
            fault: None,
        }
    }
}

/// The text may be a secret, so `Debug` does not show it.
impl<S, T> std::fmt::Debug for Followed<S, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Followed").field(&self.following).finish()
    }
}
