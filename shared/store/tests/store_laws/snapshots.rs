//! The laws of `ReadSnapshots` and `KeepSnapshots`.

use auth::{
    feed::{
        AnnounceRevocations as _, Compaction, FeedReader, KeepSnapshots, MIN_COMPACTED, ReadSnapshots, Revocation,
        compact_feed,
    },
    following::{Following, OnFailure},
};
use claims::{Moment, SessionId, Span, UserId};
use doubles::NOW;

use crate::{laws, tables::Tables};

/// The ports that read and write snapshots.
pub(crate) trait Snapshots: ReadSnapshots + KeepSnapshots {}
impl<S: ReadSnapshots + KeepSnapshots> Snapshots for S {}

laws! { snapshots, snapshot_reads:
    before_the_first_there_is_none
    the_last_one_is_read_as_it_was_written
    one_that_another_has_overtaken_changes_nothing
    missing_parts_are_absent
}

async fn before_the_first_there_is_none(snapshots: &impl Snapshots) {
    assert_eq!(snapshots.current().await.unwrap(), None);
}

async fn the_last_one_is_read_as_it_was_written(snapshots: &impl Snapshots) {
    for (number, length) in (0..).zip([1, 400_000, 1_000_000]) {
        let before = snapshots.current().await.unwrap();
        let bytes: Vec<u8> = (0..=255).cycle().skip(number).take(length).collect();

        let later = Moment::new(NOW.get().saturating_add(u64::try_from(number).unwrap()));
        assert!(snapshots.replace(before.as_ref(), &bytes, later).await.unwrap());

        assert_eq!(read(snapshots).await, bytes);
    }
}

async fn one_that_another_has_overtaken_changes_nothing(snapshots: &impl Snapshots) {
    assert!(snapshots.replace(None, b"first", NOW).await.unwrap());
    let first = snapshots.current().await.unwrap();
    assert!(snapshots.replace(first.as_ref(), b"second", later(1)).await.unwrap());

    assert!(!snapshots.replace(None, b"late", later(2)).await.unwrap());
    assert!(!snapshots.replace(first.as_ref(), b"late", later(3)).await.unwrap());

    assert_eq!(read(snapshots).await, b"second");
}

async fn missing_parts_are_absent(snapshots: &impl Snapshots) {
    assert!(snapshots.replace(None, b"first", NOW).await.unwrap());
    let place = snapshots.current().await.unwrap().unwrap();

    assert_eq!(snapshots.part(&place, place.parts).await.unwrap(), None);
}

#[tokio::test]
async fn a_process_that_starts_with_a_snapshot_knows_everything() {
    let tables = Tables::new().await;
    let count = u64::try_from(MIN_COMPACTED).unwrap();
    for number in 0..count {
        tables.feed.announce(&session(number), NOW).await.unwrap();
    }
    tables.clock.advance(10);
    let now = later(10_000);
    let compaction = compact_feed(now, &tables.feed, &tables.snapshots).await.unwrap();
    assert!(matches!(compaction, Compaction::Written { .. }), "{compaction:?}");
    tables.clock.advance(10);
    tables.feed.announce(&session(count), later(20_000)).await.unwrap();

    let with = FeedReader::new(tables.feed.clone(), tables.snapshot_reads.clone(), FOLLOWING);
    let with = with.current(later(20_000)).await.unwrap();
    let without = FeedReader::new(tables.feed.clone(), Tables::new().await.snapshot_reads, FOLLOWING);
    let without = without.current(later(20_000)).await.unwrap();

    assert_eq!(with.revocations.len(), MIN_COMPACTED + 1);
    assert_eq!(with.revocations, without.revocations);
}

const FOLLOWING: Following = Following {
    poll: Span::seconds(5),
    stale: Span::seconds(60),
    on_failure: OnFailure::Closed,
};

async fn read(snapshots: &impl Snapshots) -> Vec<u8> {
    let place = snapshots.current().await.unwrap().unwrap();
    let mut bytes = Vec::new();
    for number in 0..place.parts {
        bytes.extend(snapshots.part(&place, number).await.unwrap().unwrap());
    }
    bytes
}

fn session(number: u64) -> Revocation {
    Revocation::Session {
        user_id: UserId::new(NOW, [0; 10]),
        sid: SessionId::new(later(number), [0; 10]),
    }
}

fn later(milliseconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_add(milliseconds))
}
