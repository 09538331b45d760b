//! Snapshots of the feed: when a snapshot is written, and when a new process reads it. The process has the same
//! revocations with a snapshot as without one.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth::{
    error::StoreError,
    feed::{
        AnnounceRevocations as _, Compaction, FeedReader, KeepSnapshots as _, MIN_COMPACTED, ReadSnapshots, Revocation,
        SnapshotPlace, compact_feed, retention,
    },
    following::{FollowError, Following, OnFailure},
};
use claims::{Moment, Span};
use doubles::Memory;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rstest::rstest;
use tokio::time::sleep;

use crate::{
    double::{Feed, In},
    token::NOW,
};

const CLOSED: Following = Following {
    poll: Span::seconds(5),
    stale: Span::seconds(60),
    on_failure: OnFailure::Closed,
};

#[tokio::test]
async fn a_snapshot_of_any_time_replaces_the_announcements_before_it() {
    let rng = &mut StdRng::seed_from_u64(1);
    for _ in 0..20 {
        let memory = Memory::default();
        let (mut at, mut written) = (0, 0);
        for number in 0..rng.random_range(0..4_000_u64) {
            at += rng.random_range(0..800);
            memory
                .announce(&some(rng.random_range(0..9), number), after(at))
                .await
                .unwrap();
            if rng.random_bool(0.002) {
                let compaction = compact_feed(after(at), &memory, &memory).await.unwrap();
                written += usize::from(matches!(compaction, Compaction::Written { .. }));
            }
        }

        let with = known(&FeedReader::new(In(&memory), In(&memory), CLOSED), at).await;
        let none = Memory::default();
        let without = known(&FeedReader::new(In(&memory), In(&none), CLOSED), at).await;

        assert_eq!(with.revocations, without.revocations, "{written} snapshots");
    }
}

#[tokio::test]
async fn few_announcements_make_no_snapshot() {
    let memory = Memory::default();
    announce(&memory, MIN_COMPACTED - 1).await;
    assert_eq!(
        compact_feed(after(0), &memory, &memory).await.unwrap(),
        Compaction::Short
    );

    announce(&memory, MIN_COMPACTED).await;
    let compaction = compact_feed(after(0), &memory, &memory).await.unwrap();

    assert!(matches!(compaction, Compaction::Written { .. }), "{compaction:?}");
    assert_eq!(
        compact_feed(after(1), &memory, &memory).await.unwrap(),
        Compaction::Short
    );
}

#[tokio::test]
async fn with_a_snapshot_a_process_reads_one_page_and_later_announcements() {
    let (feed, memory) = (Feed::default(), Memory::default());
    for number in 0..3_000 {
        feed.announce(&some(0, number), after(0)).await;
    }
    compact_feed(after(0), &&feed, &memory).await.unwrap();
    feed.announce(&some(0, 3_000), after(1)).await;
    let _compaction = feed.asked();

    let known = known(&FeedReader::new(&feed, In(&memory), CLOSED), 2).await;

    assert_eq!(known.revocations.len(), 3_001);
    let asked = feed.asked();
    assert_eq!(
        asked.len(),
        2,
        "the page that shows the length of the feed, and what is later than the snapshot"
    );
    assert!(asked[0] < asked[1]);
}

#[tokio::test]
async fn a_short_feed_is_known_after_one_page_and_no_snapshot_is_looked_for() {
    let (feed, snapshots) = (Feed::default(), Snapshots::default());
    for number in 0..1_000 {
        feed.announce(&some(0, number), after(0)).await;
    }
    compact_feed(after(0), &&feed, &snapshots.memory).await.unwrap();
    let _compaction = feed.asked();

    let known = known(&FeedReader::new(&feed, &snapshots, CLOSED), 1).await;

    assert_eq!(known.revocations.len(), 1_000);
    assert_eq!(
        (feed.asked().len(), snapshots.looked_for(), snapshots.asked()),
        (1, 0, 0)
    );
}

#[tokio::test]
async fn a_process_that_was_up_to_date_never_goes_back_to_a_snapshot() {
    let (feed, snapshots) = (Feed::default(), Snapshots::default());
    let reader = FeedReader::new(&feed, &snapshots, CLOSED);
    reader.current(after(0)).await.unwrap();
    for number in 0..3_000 {
        feed.announce(&some(0, number), after(1)).await;
    }
    compact_feed(after(1), &&feed, &snapshots.memory).await.unwrap();

    let known = known(&reader, 6_000).await;

    assert_eq!(known.revocations.len(), 3_000);
    assert_eq!((snapshots.looked_for(), snapshots.asked()), (0, 0));
}

#[rstest]
#[case::is_unreadable(Fault::Unreadable)]
#[case::lacks_a_part(Fault::Lacking)]
#[case::has_a_wrong_byte(Fault::Wrong)]
#[tokio::test]
async fn all_pages_are_read_if_the_snapshot_cannot_be_used(#[case] fault: Fault) {
    let (feed, snapshots) = (Feed::default(), Snapshots::default());
    for number in 0..3_000 {
        feed.announce(&some(0, number), after(0)).await;
    }
    compact_feed(after(0), &&feed, &snapshots.memory).await.unwrap();
    let _compaction = feed.asked();
    snapshots.fail(fault);

    let known = known(&FeedReader::new(&feed, &snapshots, CLOSED), 1).await;

    assert_eq!(known.revocations.len(), 3_000);
    assert_eq!(feed.asked().len(), 3, "all pages are read");
}

#[tokio::test]
async fn a_snapshot_older_than_the_retention_is_not_used() {
    let memory = Memory::default();
    announce(&memory, 600).await;
    compact_feed(after(0), &memory, &memory).await.unwrap();
    let later = (retention().get() + 60) * 1000;
    memory.announce(&some(0, 9_999), after(later)).await.unwrap();

    let known = known(&FeedReader::new(In(&memory), In(&memory), CLOSED), later).await;

    assert_eq!(known.revocations.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_snapshot_is_continued_and_no_part_is_read_twice() {
    let (feed, snapshots) = (Feed::default(), Snapshots::default());
    for number in 0..1_100 {
        feed.announce(&some(0, number), after(0)).await;
    }
    compact_feed(after(0), &&feed, &snapshots.memory).await.unwrap();
    let parts = snapshots.memory.current().await.unwrap().unwrap().parts;
    snapshots.slow_down(Duration::from_millis(400));
    let reader = FeedReader::new(&feed, &snapshots, CLOSED);

    let mut requests = 1;
    while let Err(undecided) = reader.current(after(requests)).await {
        assert!(matches!(undecided, FollowError::Unfinished), "{undecided:?}");
        requests += 1;
    }

    assert!(requests > 2, "{requests}");
    let again = usize::try_from(requests).unwrap() * 4;
    assert!(
        snapshots.asked() <= parts + again,
        "only what broke off is asked for again"
    );
}

#[tokio::test]
async fn one_of_two_concurrent_snapshots_is_kept() {
    let memory = Memory::default();

    assert!(memory.replace(None, b"one", after(0)).await.unwrap());
    assert!(!memory.replace(None, b"two", after(0)).await.unwrap());
}

/// How a snapshot can be unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Unreadable,
    Lacking,
    Wrong,
}

/// Snapshots in memory that can fail on purpose.
#[derive(Debug, Default)]
struct Snapshots {
    memory: Memory,
    fault: Mutex<Option<Fault>>,
    slow: Mutex<Duration>,
    looked_for: AtomicUsize,
    asked: AtomicUsize,
}

impl Snapshots {
    fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    fn slow_down(&self, part: Duration) {
        *self.slow.lock().unwrap() = part;
    }

    /// Returns how often the current snapshot was looked up.
    fn looked_for(&self) -> usize {
        self.looked_for.load(Ordering::SeqCst)
    }

    /// Returns how many parts were read.
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl ReadSnapshots for &Snapshots {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        self.looked_for.fetch_add(1, Ordering::SeqCst);
        if *self.fault.lock().unwrap() == Some(Fault::Unreadable) {
            return Err(StoreError::Malformed { operation: "test" });
        }
        self.memory.current().await
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let slow = *self.slow.lock().unwrap();
        sleep(slow).await;
        let part = self.memory.part(place, number).await?;
        let fault = *self.fault.lock().unwrap();
        Ok(match fault {
            Some(Fault::Lacking) if number == 1 => None,
            Some(Fault::Wrong) if number == 1 => part.map(|mut part| {
                part[0] ^= 1;
                part
            }),
            _ => part,
        })
    }
}

async fn known<F: auth::feed::ReadAnnounced, S: ReadSnapshots>(
    reader: &FeedReader<F, S>,
    at: u64,
) -> auth::feed::KnownRevocations {
    reader.current(after(at)).await.unwrap()
}

async fn announce(memory: &Memory, count: usize) {
    for number in 0..count.try_into().unwrap() {
        memory.announce(&some(0, number), after(0)).await.unwrap();
    }
}

/// Returns a revocation of a session, of an epoch with or without an exception, or of issued tokens, depending on
/// `kind`.
fn some(kind: u64, number: u64) -> Revocation {
    let user_id = || format!("user-{}", number % 50).parse().unwrap();
    match kind {
        0..3 => Revocation::Session {
            user_id: user_id(),
            sid: format!("session-{number}").parse().unwrap(),
        },
        3..6 => Revocation::Epoch {
            user_id: user_id(),
            least: number,
            except: None,
        },
        6..8 => Revocation::Epoch {
            user_id: user_id(),
            least: number,
            except: Some(format!("session-{number}").parse().unwrap()),
        },
        _ => Revocation::Issued {
            user_id: user_id(),
            until: after(number).timestamp(),
        },
    }
}

fn after(milliseconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_mul(1000).saturating_add(milliseconds))
}
