//! A table as two functions see it: one writes with the AWS SDK, the other reads without it.

use auth::{
    error::StoreError,
    feed::{
        AnnounceRevocations, AnnouncedPage, Cursor, KeepSnapshots, ReadAnnounced, ReadSnapshots, Revocation,
        SnapshotPlace,
    },
    keys::{PublishKeys, ReadPublicKeys},
};
use claims::{Jwks, Moment};

/// A writer and a reader of the same table.
#[derive(Clone)]
pub(crate) struct Pair<W, R> {
    pub(crate) writer: W,
    pub(crate) reader: R,
}

impl<W: AnnounceRevocations, R: Sync> AnnounceRevocations for Pair<W, R> {
    async fn announce(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        self.writer.announce(revocation, now).await
    }

    async fn announce_again(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        self.writer.announce_again(revocation, now).await
    }
}

impl<W: Send + Sync, R: ReadAnnounced> ReadAnnounced for Pair<W, R> {
    async fn page(&self, after: &Cursor, now: Moment) -> Result<AnnouncedPage, StoreError> {
        self.reader.page(after, now).await
    }
}

impl<W: PublishKeys, R: Sync> PublishKeys for Pair<W, R> {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        self.writer.publish(jwks).await
    }
}

impl<W: Send + Sync, R: ReadPublicKeys> ReadPublicKeys for Pair<W, R> {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        self.reader.public_keys().await
    }
}

impl<W: KeepSnapshots, R: Sync> KeepSnapshots for Pair<W, R> {
    async fn replace(&self, before: Option<&SnapshotPlace>, bytes: &[u8], now: Moment) -> Result<bool, StoreError> {
        self.writer.replace(before, bytes, now).await
    }
}

impl<W: Send + Sync, R: ReadSnapshots> ReadSnapshots for Pair<W, R> {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        self.reader.current().await
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.reader.part(place, number).await
    }
}
