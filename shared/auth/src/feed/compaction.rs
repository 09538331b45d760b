//! Writing what is announced down as a snapshot, once there is so much of it that a process which starts would read long.

use claims::{Millis, Seconds};

use crate::{
    error::StoreError,
    feed::{Cursor, KeepSnapshots, ReadAnnounced, ReadSnapshots, Revocations, Snapshot, SnapshotPlace, retention},
};

/// How many announcements since the last snapshot make another one worth its bytes; fewer are a small part of one page.
pub const MIN_COMPACTED: usize = 500;

/// What came of a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compaction {
    /// There is a new snapshot.
    Written {
        /// Of so many revocations.
        revocations: usize,
        /// Of so many bytes.
        bytes: usize,
    },
    /// There was too little since the last one.
    Short,
    /// Another one was written meanwhile, which is as good.
    Overtaken,
}

/// Reads the last snapshot and what was announced since, and writes both down as the next one.
///
/// # Errors
/// When the feed cannot be read, or the snapshot cannot be written. The last one stays in its place.
pub async fn compact_feed(
    now: Millis,
    feed: &impl ReadAnnounced,
    snapshots: &(impl ReadSnapshots + KeepSnapshots),
) -> Result<Compaction, StoreError> {
    let before = snapshots.current().await?;
    let last = match &before {
        Some(place) => read_snapshot(place, now, snapshots).await?,
        None => None,
    };
    let (mut revocations, after) = last.unwrap_or_else(|| (Revocations::default(), oldest(now)));

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

/// A snapshot that is whole and not older than anything that matters.
async fn read_snapshot(
    place: &SnapshotPlace,
    now: Millis,
    snapshots: &impl ReadSnapshots,
) -> Result<Option<(Revocations, Cursor)>, StoreError> {
    let mut bytes = Vec::new();
    for number in 0..place.parts {
        match snapshots.part(place, number).await? {
            Some(part) => bytes.extend(part),
            None => return Ok(None),
        }
    }
    let snapshot = Snapshot::decode(&bytes).filter(|snapshot| snapshot.after >= oldest(now));
    Ok(snapshot.map(|snapshot| (snapshot.revocations, snapshot.after)))
}

/// The place before everything that matters.
pub(crate) fn oldest(now: Millis) -> Cursor {
    Cursor::since(earlier(now, retention()))
}

/// The moment that long before another one.
pub(crate) fn earlier(at: Millis, span: Seconds) -> Millis {
    Millis::new(at.get().saturating_sub(span.get().saturating_mul(1000)))
}
