//! Following the proxy's keys: read at start, and again on a request once the copy is old.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claims::{Millis, Seconds};

use crate::{
    error::StoreError,
    following::Freshness,
    keys::{EdgeKeys, InvalidEdgeKeys, KEYS_STALE, ReadSecret},
};

/// Why the present keys of the proxy are not known.
#[derive(Debug, thiserror::Error)]
pub enum EdgeKeyFault {
    /// The store failed.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
    /// The secret does not hold valid keys.
    #[error(transparent)]
    Invalid(#[from] InvalidEdgeKeys),
    /// Reading the keys failed a moment ago and has not been tried again yet.
    #[error("the keys of the proxy could not be read a moment ago")]
    Unread,
}

/// Holds the proxy's keys. While they cannot be read, a copy is used for up to an hour.
#[derive(Debug)]
pub struct EdgeKeyReader<S> {
    source: S,
    /// Held while the keys are read, so that only one read runs at a time.
    turn: tokio::sync::Mutex<()>,
    copy: Mutex<Copy>,
}

#[derive(Debug, Default)]
struct Copy {
    freshness: Freshness,
    keys: Option<Arc<EdgeKeys>>,
    /// Why the last read failed, until it is reported.
    fault: Option<EdgeKeyFault>,
}

impl<S: ReadSecret> EdgeKeyReader<S> {
    /// Reads the keys for the first time. If they cannot be read, the first request tries again.
    ///
    /// # Errors
    /// If the secret does not hold valid keys, since then no request could be answered.
    pub async fn start(source: S, now: Millis) -> Result<Self, InvalidEdgeKeys> {
        let reader = Self {
            source,
            turn: tokio::sync::Mutex::default(),
            copy: Mutex::default(),
        };
        match reader.read(now).await {
            Err(EdgeKeyFault::Invalid(fault)) => return Err(fault),
            Err(fault @ (EdgeKeyFault::Unreadable(_) | EdgeKeyFault::Unread)) => {
                *reader.copy() = Copy {
                    fault: Some(fault),
                    ..Copy::default()
                };
            }
            Ok(()) => {}
        }
        Ok(reader)
    }

    /// Returns the keys as known at `now`, and reads them again if that is due.
    ///
    /// # Errors
    /// If they cannot be read and the last copy is older than [`KEYS_STALE`].
    pub async fn known(&self, now: Millis) -> Result<Arc<EdgeKeys>, EdgeKeyFault> {
        let _turn = self.turn.lock().await;
        let mut fault = None;
        if self.is_due(now) {
            fault = self.read(now).await.err();
        }
        let mut copy = self.copy();
        let known = copy.keys.clone().filter(|_| copy.freshness.is_within(KEYS_STALE, now));
        let Some(known) = known else {
            return Err(fault.unwrap_or(EdgeKeyFault::Unread));
        };
        if fault.is_some() {
            copy.fault = fault;
        }
        Ok(known)
    }

    /// Returns why reading the keys failed, if it did since the last call.
    pub fn take_fault(&self) -> Option<EdgeKeyFault> {
        self.copy().fault.take()
    }

    fn is_due(&self, now: Millis) -> bool {
        let copy = self.copy();
        let poll = if copy.keys.is_some() {
            self.source.poll()
        } else {
            Seconds::new(0)
        };
        copy.freshness.is_due(poll, now)
    }

    async fn read(&self, now: Millis) -> Result<(), EdgeKeyFault> {
        self.copy().freshness.try_at(now);
        let text = self.source.read().await?;
        let keys = EdgeKeys::from_json(&text)?;
        let mut copy = self.copy();
        copy.keys = Some(Arc::new(keys));
        copy.freshness.read(now);
        Ok(())
    }

    fn copy(&self) -> MutexGuard<'_, Copy> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
