//! The ports to the feed of revocations and its snapshots.

use std::future::{Future, ready};

use claims::{Moment, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::{AnnouncedPage, Cursor, Revocation, Share},
};

/// Announces revocations to every authorizer.
///
/// Law: a reader that starts to read through [`ReadAnnounced`] after an announcement is complete sees the announcement.
pub trait AnnounceRevocations: Sync {
    /// Announces a new revocation.
    fn announce(&self, revocation: &Revocation, now: Moment) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Announces a revocation that may have been announced before. Identical announcements within the same minute
    /// become one entry. Of several [`Revocation::Issued`] for one user, the one with the latest `until` counts.
    fn announce_again(
        &self,
        revocation: &Revocation,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.announce(revocation, now)
    }

    /// Reserves a share of this user's budget for one announcement. A feed without budgets always returns
    /// [`Share::Own`]. The caller may reserve the share at the same time as it writes the change that is to be
    /// announced. If it turns out that there is nothing to announce, the caller gives the share back.
    fn reserve(&self, _: &UserId, _: Moment) -> impl Future<Output = Result<Share, StoreError>> + Send {
        ready(Ok(Share::Own))
    }

    /// Announces a new revocation with a share that was reserved.
    fn announce_reserved(
        &self,
        _: Share,
        revocation: &Revocation,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.announce(revocation, now)
    }

    /// Does what [`AnnounceRevocations::announce_again`] does, with a share that was reserved.
    fn announce_reserved_again(
        &self,
        _: Share,
        revocation: &Revocation,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.announce_again(revocation, now)
    }

    /// Gives back a share that was reserved at `now`, because there is nothing to announce. If this fails, the user has
    /// one announcement less in the window.
    fn give_back(&self, _: Share, _: &UserId, _: Moment) -> impl Future<Output = ()> + Send {
        ready(())
    }
}

/// Counts the announcements that a user's requests cause within an [`crate::feed::announcement_window`].
///
/// Law: in one window, the announcements of one user that are within the budget and not taken back are at most
/// [`crate::feed::ANNOUNCEMENTS`], even if many are counted at once.
pub trait CountAnnouncements: Sync {
    /// Counts one announcement and returns whether it is within the user's budget.
    fn count_announcement(
        &self,
        user_id: &UserId,
        now: Moment,
    ) -> impl Future<Output = Result<Share, StoreError>> + Send;

    /// Takes back one announcement that was counted at `now`.
    fn uncount_announcement(
        &self,
        user_id: &UserId,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Records that all tokens of the user issued up to the second `until` have been announced as ended. If the stored
    /// `until` is later, nothing changes.
    fn note_ended(
        &self,
        user_id: &UserId,
        until: Timestamp,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads the announcements page by page.
///
/// Law: everything that is announced after a page was requested sorts after that page's [`AnnouncedPage::settled`]. A
/// reader that reads all pages up to the last one, and later starts again after the `settled` of the first page,
/// therefore misses nothing.
pub trait ReadAnnounced: Send + Sync {
    /// Returns the page after this place, read consistently. `now` is for stores that have no clock.
    fn page(&self, after: &Cursor, now: Moment) -> impl Future<Output = Result<AnnouncedPage, StoreError>> + Send;
}

/// Where a snapshot is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPlace {
    /// The name of the snapshot. It is never reused.
    pub name: String,
    /// The number of parts of the snapshot.
    pub parts: usize,
}

/// Reads snapshots of the feed. A process that starts while the feed is long needs this.
///
/// Law: a part never changes once it is written.
pub trait ReadSnapshots: Send + Sync {
    /// Returns the place of the latest snapshot, read consistently, or `None` if there is none.
    fn current(&self) -> impl Future<Output = Result<Option<SnapshotPlace>, StoreError>> + Send;

    /// Returns the part with this number, counted from 0, or `None` if it is gone.
    fn part(
        &self,
        place: &SnapshotPlace,
        number: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
}

/// Writes snapshots of the feed. Only the compaction of the feed may do this, since readers trust the content of
/// snapshots.
///
/// Law: readers find either the latest snapshot or the one before it, and always a complete one.
pub trait KeepSnapshots: Sync {
    /// Writes a snapshot in place of `before`, if that is still the latest one, or if it is `None` and there is still
    /// no snapshot. Returns whether the snapshot was written.
    fn replace(
        &self,
        before: Option<&SnapshotPlace>,
        bytes: &[u8],
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
