//! The ports to the feed of revocations and its snapshots.

use std::future::{Future, ready};

use claims::{Moment, Timestamp, UserId};

use crate::{
    error::StoreError,
    feed::{AnnouncedPage, Cursor, Revocation, Share},
};

/// Announces revocations to every authorizer.
///
/// Law: an announcement is seen by every reader of [`ReadAnnounced`] that begins after the announcement has returned.
pub trait AnnounceRevocations: Sync {
    /// Announces a new revocation.
    fn announce(&self, revocation: &Revocation, now: Moment) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Announces a revocation that may have been announced before. Identical ones within a minute become one entry. Of
    /// several [`Revocation::Issued`] for one user, the latest moment counts.
    fn announce_again(
        &self,
        revocation: &Revocation,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.announce(revocation, now)
    }

    /// Reserves a share for an announcement of this user, if the feed has budgets. This can run while what is to be
    /// announced happens. A share that is not used is given back.
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

    /// Gives a share back that was reserved at `now`, since there is nothing to announce.
    fn give_back(&self, _: Share, _: &UserId, _: Moment) -> impl Future<Output = Result<(), StoreError>> + Send {
        ready(Ok(()))
    }
}

/// Counts the announcements that a user's requests cause within an [`crate::feed::announcement_window`].
///
/// Law: in one window, no more than [`crate::feed::ANNOUNCEMENTS`] of one user are within the budget that are not given
/// back, however many come at once.
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

    /// Records up to which second the end of all the user's tokens has been announced. An earlier second than the
    /// stored one changes nothing.
    fn note_ended(
        &self,
        user_id: &UserId,
        until: Timestamp,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads what is announced, page by page.
///
/// Law: everything that is announced after a page was requested sorts after that page's [`AnnouncedPage::settled`]. A
/// reader therefore misses nothing if it reads to the last page, and then begins again after the `settled` of the first
/// of these pages.
pub trait ReadAnnounced: Send + Sync {
    /// Returns the page after this place, read consistently. `now` is for a store without a clock of its own.
    fn page(&self, after: &Cursor, now: Moment) -> impl Future<Output = Result<AnnouncedPage, StoreError>> + Send;
}

/// Where a snapshot is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPlace {
    /// The name of the snapshot. It is never reused.
    pub name: String,
    /// How many parts it has.
    pub parts: usize,
}

/// Reads snapshots of the feed. A starting process needs this.
///
/// Law: a part never changes once it is written.
pub trait ReadSnapshots: Send + Sync {
    /// Returns the place of the last snapshot, read consistently, or `None` if there is none.
    fn current(&self) -> impl Future<Output = Result<Option<SnapshotPlace>, StoreError>> + Send;

    /// Returns a part of a snapshot, counted from 0, or `None` if it is gone.
    fn part(
        &self,
        place: &SnapshotPlace,
        number: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
}

/// Writes snapshots of the feed. Nobody else may write them, since readers trust their content.
///
/// Law: readers find either the last snapshot or the one before it, and always a complete one.
pub trait KeepSnapshots: Sync {
    /// Writes a snapshot in place of `before`, if that is still the last one. Returns whether it was.
    fn replace(
        &self,
        before: Option<&SnapshotPlace>,
        bytes: &[u8],
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
