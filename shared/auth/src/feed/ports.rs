//! What is needed of the feed of revocations, and of its snapshots.

use std::future::Future;

use claims::{Millis, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::{AnnouncedPage, Cursor, Revocation, Share},
};

/// Announces revocations to every authorizer.
///
/// Law: what was announced is read by every reader of [`ReadAnnounced`] that begins after it returned.
pub trait AnnounceRevocations: Sync {
    /// Announces one that is new.
    fn announce(&self, revocation: &Revocation, now: Millis) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Announces one that may be announced already: many of the same within a minute are one entry. Of tokens that were
    /// issued to a user until several moments, the last moment counts.
    fn announce_again(
        &self,
        revocation: &Revocation,
        now: Millis,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.announce(revocation, now)
    }
}

/// Counts the announcements that a user's requests cause within an [`crate::feed::announcement_window`].
///
/// Law: no more than [`crate::feed::ANNOUNCEMENTS`] of one user are their own in a window, however many come at once.
pub trait CountAnnouncements: Sync {
    /// Counts one, unless the user has had their share.
    fn count_announcement(
        &self,
        user_id: &UserId,
        now: Millis,
    ) -> impl Future<Output = Result<Share, StoreError>> + Send;

    /// Notes that it is announced up to which second all tokens are ended which were issued to the user; an earlier one
    /// changes nothing.
    fn note_ended(
        &self,
        user_id: &UserId,
        until: Timestamp,
        now: Millis,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads what is announced, page by page.
///
/// Law: whatever is announced after a page was asked for sorts after that page's [`AnnouncedPage::settled`]. So nothing is
/// missed by a reader that reads from page to page to the end, and then begins again after what was settled when it asked
/// for the first of these pages.
pub trait ReadAnnounced: Send + Sync {
    /// The page of what sorts after a place, read consistently; `now` is for a store that has no clock of its own.
    fn page(&self, after: &Cursor, now: Millis) -> impl Future<Output = Result<AnnouncedPage, StoreError>> + Send;
}

/// Where a snapshot is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPlace {
    /// Its name, which no other one has had.
    pub name: String,
    /// How many parts it has.
    pub parts: usize,
}

/// Reads snapshots of the feed; what a process needs that starts.
///
/// Law: a part that was written never changes.
pub trait ReadSnapshots: Send + Sync {
    /// Where the last snapshot is kept, read consistently; nothing when there is none.
    fn current(&self) -> impl Future<Output = Result<Option<SnapshotPlace>, StoreError>> + Send;

    /// A part of a snapshot, from 0 on; nothing when it is gone.
    fn part(
        &self,
        place: &SnapshotPlace,
        number: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
}

/// Keeps snapshots of the feed. Nobody else may: what a snapshot says is believed.
///
/// Law: readers find the last snapshot whole, or the one before it.
pub trait KeepSnapshots: Sync {
    /// Writes a snapshot in the place of `before`, if that still is the last one; whether it was.
    fn replace(
        &self,
        before: Option<&SnapshotPlace>,
        bytes: &[u8],
        now: Millis,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
