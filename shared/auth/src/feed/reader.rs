//! A reader's copy of the revocations. The feed is read again page by page when due. If it cannot be read,
//! [`Following`] determines how long the copy is used.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use claims::{Moment, Span};
use tokio::time::{Instant, timeout_at};

use crate::{
    feed::{
        AnnouncedPage, ReadAnnounced, ReadSnapshots, Revocations, Snapshot, progress::Progress,
        snapshot_reader::SnapshotReader,
    },
    following::{FollowError, Following, Freshness},
};

/// How long one request may read the feed. This is shorter than the time limit of a function: reaching that limit would
/// end the process, and all that it has read would be lost.
const TIME_LIMIT: Duration = Duration::from_millis(2_500);
/// The minimum time between two removals of obsolete revocations. A removal takes longer the more revocations there
/// are.
const PRUNE_EVERY: Span = Span::seconds(60);

/// The revocations known at a moment.
#[derive(Debug)]
pub struct KnownRevocations {
    /// The revocations.
    pub revocations: Arc<Revocations>,
    /// The error of the read that this call tried, if the read failed. The copy is then older than it should be.
    pub fault: Option<FollowError>,
}

/// A poll of the feed, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// How long it took.
    pub took: Duration,
    /// The age of the copy after it, or `None` if there is no complete copy. It is zero if the poll succeeded.
    pub age: Option<Span>,
}

/// Follows a feed. A new process starts by reading the first page of the feed. If there are more pages, the process
/// continues from the latest snapshot instead of the next page.
pub struct FeedReader<F, S> {
    feed: F,
    beginning: SnapshotReader<S>,
    following: Following,
    /// Held while the feed is read, so that only one query runs at a time.
    turn: tokio::sync::Mutex<()>,
    cached: Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    freshness: Freshness,
    progress: Progress,
    revocations: Arc<Revocations>,
    pruned_at: Option<Moment>,
    /// The last poll, until it is reported.
    poll: Option<Poll>,
}

impl<F: ReadAnnounced, S: ReadSnapshots> FeedReader<F, S> {
    /// Makes a reader that has read nothing yet.
    pub fn new(feed: F, snapshots: S, following: Following) -> Self {
        Self {
            feed,
            beginning: SnapshotReader::new(snapshots),
            following,
            turn: tokio::sync::Mutex::default(),
            cached: Mutex::default(),
        }
    }

    /// Returns the revocations known at `now`. If a read of the feed is due, it happens first. If the read takes longer
    /// than one request may wait, the next request continues it.
    ///
    /// # Errors
    /// If the last copy is too old to be used, or there is no complete copy yet.
    pub async fn current(&self, now: Moment) -> Result<KnownRevocations, FollowError> {
        let _turn = self.turn.lock().await;
        let is_due = self.lock_cached().freshness.is_due(self.following.poll, now);
        let fault = if is_due { self.poll(now).await.err() } else { None };

        let cached = self.lock_cached();
        if !cached.freshness.serves(&self.following, now) {
            return Err(fault.unwrap_or(FollowError::Paused));
        }
        Ok(KnownRevocations {
            revocations: Arc::clone(&cached.revocations),
            fault,
        })
    }

    /// Returns the last poll, unless an earlier call returned it.
    pub fn take_poll(&self) -> Option<Poll> {
        self.lock_cached().poll.take()
    }

    /// Reads the feed, and notes how that went.
    async fn poll(&self, now: Moment) -> Result<(), FollowError> {
        let began = Instant::now();
        let outcome = self.read(now).await;
        let mut cached = self.lock_cached();
        cached.poll = Some(Poll {
            took: began.elapsed(),
            age: cached.freshness.age(now),
        });
        outcome
    }

    fn lock_cached(&self) -> MutexGuard<'_, Cached> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the copy is up to date. If an earlier request began the current pass long ago, another pass may be
    /// needed.
    async fn read(&self, now: Moment) -> Result<(), FollowError> {
        let deadline = Instant::now().checked_add(TIME_LIMIT).unwrap_or_else(Instant::now);
        self.lock_cached().freshness.mark_tried(now);
        while !self.lock_cached().freshness.is_within(self.following.poll, now) {
            if self.lock_cached().progress.is_long_beginning() {
                self.begin(now, deadline).await?;
            }
            let page = self.page(now, deadline).await?;
            self.lock_cached().add(page, now);
        }
        Ok(())
    }

    /// Continues from the last snapshot, unless that was tried before.
    async fn begin(&self, now: Moment, deadline: Instant) -> Result<(), FollowError> {
        let Ok(snapshot) = timeout_at(deadline, self.beginning.take()).await else {
            self.lock_cached().freshness.mark_advanced();
            return Err(FollowError::Unfinished);
        };
        if let Some(snapshot) = snapshot {
            self.lock_cached().begin(snapshot, now);
        }
        Ok(())
    }

    async fn page(&self, now: Moment, deadline: Instant) -> Result<AnnouncedPage, FollowError> {
        let after = self.lock_cached().progress.ask(now);
        let page = timeout_at(deadline, self.feed.page(&after, now)).await;
        page.map_err(|_| FollowError::Unfinished)?
            .map_err(FollowError::Unreadable)
    }
}

impl Cached {
    fn begin(&mut self, snapshot: Snapshot, now: Moment) {
        if self.progress.begin_after(snapshot.after, now) {
            self.revocations = Arc::new(snapshot.revocations);
        }
    }

    fn add(&mut self, page: AnnouncedPage, now: Moment) {
        // A page was read, so the next read may begin at once, even if this one fails later.
        self.freshness.mark_advanced();
        let known = Arc::make_mut(&mut self.revocations);
        if self
            .pruned_at
            .is_none_or(|at| now.timestamp().since(at.timestamp()) >= PRUNE_EVERY)
        {
            known.prune(now.timestamp());
            self.pruned_at = Some(now);
        }
        for (at, revocation) in &page.revocations {
            known.insert(*at, revocation);
        }
        if let Some(begun) = self.progress.note(page.next, page.settled) {
            self.freshness.mark_read(begun);
        }
    }
}

impl<F, S> std::fmt::Debug for FeedReader<F, S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("FeedReader").field(&self.following).finish()
    }
}
