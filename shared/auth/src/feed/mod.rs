//! The feed of revocations, which every authorizer reads.

mod announced;
mod budget;
mod compaction;
mod ports;
mod progress;
mod reader;
mod revocation;
mod revocations;
mod snapshot_reader;

pub use announced::{AnnouncedPage, Cursor};
pub use budget::{ANNOUNCEMENT_WINDOW, ANNOUNCEMENTS, BudgetedFeed, Share, announcement_window};
pub use compaction::{Compaction, MIN_COMPACTED, compact_feed};
pub use ports::{AnnounceRevocations, CountAnnouncements, KeepSnapshots, ReadAnnounced, ReadSnapshots, SnapshotPlace};
pub use reader::{FeedReader, KnownRevocations, Poll};
pub use revocation::{Revocation, retention};
pub use revocations::{Revocations, Snapshot};
