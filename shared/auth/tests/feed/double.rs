//! A feed and public keys that can fail on purpose, and that record their reads.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth::{
    error::StoreError,
    feed::{AnnounceRevocations as _, AnnouncedPage, Cursor, ReadAnnounced, ReadSnapshots, Revocation, SnapshotPlace},
    keys::{PublishKeys as _, ReadPublicKeys},
};
use claims::{Jwks, Moment};
use doubles::Memory;
use tokio::time::sleep;

/// A feed and public keys in memory.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    memory: Memory,
    broken: AtomicBool,
    /// How many more pages can be read before a read fails. `None` means that no read fails.
    pages: Mutex<Option<usize>>,
    /// How long the read of a page takes, in milliseconds.
    slow: AtomicU64,
    asked: Mutex<Vec<Cursor>>,
    asked_for_keys: AtomicUsize,
}

impl Feed {
    /// Makes a feed with these keys.
    pub(crate) async fn with(jwks: &Jwks) -> Self {
        let feed = Self::default();
        feed.memory.publish(jwks).await.unwrap();
        feed
    }

    pub(crate) async fn announce(&self, revocation: &Revocation, at: Moment) {
        self.memory.announce(revocation, at).await.unwrap();
    }

    pub(crate) fn break_off(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Makes reads fail after this many pages.
    pub(crate) fn break_off_after(&self, pages: usize) {
        *self.pages.lock().unwrap() = Some(pages);
    }

    /// Makes the read of each page take this long.
    pub(crate) fn slow_down(&self, page: Duration) {
        let page = page.as_millis().try_into().unwrap();
        self.slow.store(page, Ordering::SeqCst);
    }

    /// Returns the cursor of each page that was requested since this function was last called.
    pub(crate) fn asked(&self) -> Vec<Cursor> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Returns how often the keys were read since this function was last called.
    pub(crate) fn asked_for_keys(&self) -> usize {
        self.asked_for_keys.swap(0, Ordering::SeqCst)
    }

    fn fault(&self) -> Result<(), StoreError> {
        if !self.broken.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(StoreError::Unavailable {
            operation: "test",
            cause: "broken".to_owned(),
        })
    }
}

impl ReadAnnounced for &Feed {
    async fn page(&self, after: &Cursor, now: Moment) -> Result<AnnouncedPage, StoreError> {
        self.asked.lock().unwrap().push(after.clone());
        sleep(Duration::from_millis(self.slow.load(Ordering::SeqCst))).await;
        if let Some(left) = &mut *self.pages.lock().unwrap() {
            self.broken.store(*left == 0, Ordering::SeqCst);
            *left = left.saturating_sub(1);
        }
        self.fault()?;
        self.memory.page(after, now).await
    }
}

impl ReadPublicKeys for &Feed {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        self.asked_for_keys.fetch_add(1, Ordering::SeqCst);
        self.fault()?;
        self.memory.public_keys().await
    }
}

impl ReadSnapshots for &Feed {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        self.memory.current().await
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.part(place, number).await
    }
}

/// A store in memory, with only the ports that a reader needs.
#[derive(Debug)]
pub(crate) struct In<'a>(pub(crate) &'a Memory);

impl ReadAnnounced for In<'_> {
    async fn page(&self, after: &Cursor, now: Moment) -> Result<AnnouncedPage, StoreError> {
        self.0.page(after, now).await
    }
}

impl ReadSnapshots for In<'_> {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        self.0.current().await
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.part(place, number).await
    }
}
