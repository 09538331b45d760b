//! A reader's copy of what is revoked: read again when it is due, page by page, and trusted for as long as it may be.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use claims::{Millis, Seconds};
use tokio::time::{Instant, timeout_at};

use crate::{
    feed::{
        AnnouncedPage, ReadAnnounced, ReadSnapshots, Revocations, Snapshot, progress::Progress,
        snapshot_reader::SnapshotReader,
    },
    following::{Following, Freshness, Undecided},
};

/// How long one request reads. It is less than a function's own limit, which would end the process and with it all that
/// was read before.
const TIME_LIMIT: Duration = Duration::from_millis(2_500);
/// How often what no longer matters is looked for: that takes longer the more there is.
const PRUNE_EVERY: Seconds = Seconds::new(60);

/// What is known of revocations, as of a moment.
#[derive(Debug)]
pub struct Known {
    /// What is revoked.
    pub revocations: Arc<Revocations>,
    /// Why it is older than it should be; told once for each time that the feed could not be read.
    pub fault: Option<Undecided>,
}

/// Follows a feed, from its last snapshot on.
pub struct FeedReader<F, S> {
    feed: F,
    beginning: SnapshotReader<S>,
    following: Following,
    /// Held while the feed is read, so that one query is under way at a time.
    turn: tokio::sync::Mutex<()>,
    copy: Mutex<Copy>,
}

#[derive(Default)]
struct Copy {
    freshness: Freshness,
    progress: Progress,
    revocations: Arc<Revocations>,
    pruned_at: Option<Millis>,
}

impl<F: ReadAnnounced, S: ReadSnapshots> FeedReader<F, S> {
    /// A reader that has read nothing yet.
    pub fn new(feed: F, snapshots: S, following: Following) -> Self {
        Self {
            feed,
            beginning: SnapshotReader::new(snapshots),
            following,
            turn: tokio::sync::Mutex::default(),
            copy: Mutex::default(),
        }
    }

    /// What is known at `now`; read again where it is due. What takes longer than a request may wait is gone on with by
    /// the next one.
    ///
    /// # Errors
    /// When the last copy is older than it may be, or there is no whole one yet.
    pub async fn known(&self, now: Millis) -> Result<Known, Undecided> {
        let _turn = self.turn.lock().await;
        let is_due = self.copy().freshness.is_due(self.following.poll, now);
        let fault = if is_due { self.read(now).await.err() } else { None };

        let copy = self.copy();
        if !copy.freshness.serves(&self.following, now) {
            return Err(fault.unwrap_or(Undecided::Unread));
        }
        Ok(Known {
            revocations: Arc::clone(&copy.revocations),
            fault,
        })
    }

    fn copy(&self) -> MutexGuard<'_, Copy> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the copy is as new as it should be. Where an earlier request began long ago, its pages alone do not make
    /// it that.
    async fn read(&self, now: Millis) -> Result<(), Undecided> {
        let deadline = Instant::now().checked_add(TIME_LIMIT).unwrap_or_else(Instant::now);
        self.copy().freshness.try_at(now);
        match timeout_at(deadline, self.beginning.take()).await {
            Ok(Some(snapshot)) => self.copy().begin(snapshot, now),
            Ok(None) => {}
            Err(_) => {
                self.copy().freshness.advanced();
                return Err(Undecided::Unfinished);
            }
        }
        while !self.copy().freshness.is_within(self.following.poll, now) {
            let page = self.page(now, deadline).await?;
            self.copy().add(page, now);
        }
        Ok(())
    }

    async fn page(&self, now: Millis, deadline: Instant) -> Result<AnnouncedPage, Undecided> {
        let after = self.copy().progress.ask(now);
        let page = timeout_at(deadline, self.feed.page(&after, now)).await;
        page.map_err(|_| Undecided::Unfinished)?.map_err(Undecided::Unreadable)
    }
}

impl Copy {
    fn begin(&mut self, snapshot: Snapshot, now: Millis) {
        if self.progress.begin_after(snapshot.after, now) {
            self.revocations = Arc::new(snapshot.revocations);
        }
    }

    fn add(&mut self, page: AnnouncedPage, now: Millis) {
        // What brought a page is not to be left in peace, whatever becomes of the next one.
        self.freshness.advanced();
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
            self.freshness.read(begun);
        }
    }
}

impl<F, S> std::fmt::Debug for FeedReader<F, S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("FeedReader").field(&self.following).finish()
    }
}
