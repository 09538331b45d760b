//! Compaction: writing the feed to a snapshot once it is so long that a starting process would take long to read it.

use claims::Moment;

use crate::{
    error::StoreError,
    feed::{Cursor, KeepSnapshots, ReadAnnounced, ReadSnapshots, Revocations, Snapshot, SnapshotPlace, retention},
};

/// The minimum number of announcements since the last snapshot for which a new snapshot is worthwhile. Fewer
/// announcements fill only a small part of a page of the feed.
pub const MIN_COMPACTED: usize = 500;

/// The result of a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compaction {
    /// A new snapshot was written.
    Written {
        /// The number of revocations in the snapshot.
        revocations: usize,
        /// The size of the snapshot in bytes.
        bytes: usize,
    },
    /// There were too few announcements since the last snapshot.
    Short,
    /// Another process wrote a snapshot in the meantime, so this process wrote none.
    Overtaken,
}

/// Reads the last snapshot and the announcements since then, and writes both as the next snapshot if there are at least
/// [`MIN_COMPACTED`] such announcements.
///
/// # Errors
/// If the feed cannot be read or the snapshot cannot be written. The last snapshot stays in place.
pub async fn compact_feed(
    now: Moment,
    feed: &impl ReadAnnounced,
    snapshots: &(impl ReadSnapshots + KeepSnapshots),
) -> Result<Compaction, StoreError> {
    let before = snapshots.current().await?;
    let last = match &before {
        Some(place) => read_snapshot(place, now, snapshots).await?,
        None => None,
    };
    let (mut revocations, after) = last.unwrap_or_else(|| (Revocations::default(), oldest_cursor(now)));

    let mut page = feed.page(&after, now).await?;
    let settled = page.settled.clone();
    let mut count: usize = 0;
    loop {
        count = count.saturating_add(page.revocations.len());
        for (at, revocation) in &page.revocations {
            revocations.insert(*at, revocation);
        }
        let Some(after) = page.next else { break };
        page = feed.page(&after, now).await?;
    }
    if count < MIN_COMPACTED {
        return Ok(Compaction::Short);
    }
    revocations.prune(now.timestamp());
    let count = revocations.len();
    let snapshot = Snapshot {
        revocations,
        after: settled,
    };
    let bytes = snapshot.encode().ok_or(StoreError::Malformed {
        operation: "write snapshot",
    })?;
    let is_written = snapshots.replace(before.as_ref(), &bytes, now).await?;
    Ok(if is_written {
        Compaction::Written {
            revocations: count,
            bytes: bytes.len(),
        }
    } else {
        Compaction::Overtaken
    })
}

/// Reads a snapshot. Returns `None` if it is incomplete, malformed or too old.
async fn read_snapshot(
    place: &SnapshotPlace,
    now: Moment,
    snapshots: &impl ReadSnapshots,
) -> Result<Option<(Revocations, Cursor)>, StoreError> {
    let mut bytes = Vec::new();
    for number in 0..place.parts {
        match snapshots.part(place, number).await? {
            Some(part) => bytes.extend(part),
            None => return Ok(None),
        }
    }
    let snapshot = Snapshot::decode(&bytes).filter(|snapshot| snapshot.after >= oldest_cursor(now));
    Ok(snapshot.map(|snapshot| (snapshot.revocations, snapshot.after)))
}

/// Returns the place before every announcement that still matters.
pub(crate) fn oldest_cursor(now: Moment) -> Cursor {
    Cursor::from_millis(now.minus(retention()))
}
