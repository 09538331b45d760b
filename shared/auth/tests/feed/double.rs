//! A feed that can be told to fail, and that tells what it was asked.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use auth::{
    AnnounceRevocations as _, Announced, PublishKeys as _, ReadAnnounced, Revocation, StoreError, memory::Memory,
};
use claims::{Jwks, Millis};

/// A feed in memory.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    memory: Memory,
    broken: AtomicBool,
    asked: Mutex<Vec<Millis>>,
}

impl Feed {
    /// One with these keys in it.
    pub(crate) async fn with(jwks: &Jwks) -> Self {
        let feed = Self::default();
        feed.memory.publish(jwks).await.unwrap();
        feed
    }

    pub(crate) async fn announce(&self, revocation: &Revocation, at: Millis) {
        self.memory.announce(revocation, at).await.unwrap();
    }

    pub(crate) fn break_off(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// From when on each query asked, since the last time.
    pub(crate) fn asked(&self) -> Vec<Millis> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl ReadAnnounced for &Feed {
    async fn announced(&self, from: Millis) -> Result<Announced, StoreError> {
        self.asked.lock().unwrap().push(from);
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable {
                operation: "test",
                cause: "broken".to_owned(),
            });
        }
        self.memory.announced(from).await
    }
}
