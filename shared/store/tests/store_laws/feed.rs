//! The laws of `AnnounceRevocations` and `ReadAnnounced`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use auth::{
    error::StoreError,
    feed::{AnnounceRevocations, Cursor, FeedReader, ReadAnnounced, Revocation, retention},
    following::{Following, OnFailure},
};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use claims::{Clock as _, Moment, SessionId, Span, Timestamp, UserId};
use doubles::{NOW, TestClock};
use engine::{Crossing, Fault};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::{Duration, sleep};

use crate::{laws, tables::Tables};

/// The ports that announce revocations and read announcements.
pub(crate) trait Feed: AnnounceRevocations + ReadAnnounced {}
impl<F: AnnounceRevocations + ReadAnnounced> Feed for F {}

laws! { feed:
    what_is_announced_is_read_as_it_was
    what_is_announced_after_a_page_comes_after_what_that_one_settled
    two_of_one_moment_are_two
    what_is_announced_again_is_read_and_the_same_again_is_one
    an_empty_feed_is_read_as_nothing
}

async fn what_is_announced_is_read_as_it_was(feed: &impl Feed) {
    for (revocation, at) in all().into_iter().zip([NOW, later(1), later(2), later(3)]) {
        feed.announce(&revocation, at).await.unwrap();
    }

    let (announced, _) = read(feed, &beginning()).await.unwrap();

    let expected: Vec<_> = all()
        .into_iter()
        .map(|revocation| (NOW.timestamp(), revocation))
        .collect();
    assert_eq!(announced, expected);
}

async fn what_is_announced_after_a_page_comes_after_what_that_one_settled(feed: &impl Feed) {
    let mut after = beginning();
    for revocation in all() {
        feed.announce(&revocation, NOW).await.unwrap();

        let (announced, settled) = read(feed, &after).await.unwrap();

        assert!(announced.iter().any(|(_, read)| *read == revocation), "{revocation:?}");
        after = settled;
    }
}

async fn two_of_one_moment_are_two(feed: &impl Feed) {
    for revocation in all() {
        feed.announce(&revocation, NOW).await.unwrap();
    }

    let (announced, _) = read(feed, &beginning()).await.unwrap();

    assert_eq!(announced.len(), all().len());
}

async fn what_is_announced_again_is_read_and_the_same_again_is_one(feed: &impl Feed) {
    for revocation in all().iter().chain(&all()) {
        feed.announce_again(revocation, NOW).await.unwrap();
    }

    let (announced, _) = read(feed, &beginning()).await.unwrap();

    assert_eq!(announced.len(), all().len());
    for revocation in all() {
        assert!(announced.iter().any(|(_, read)| *read == revocation), "{revocation:?}");
    }
}

async fn an_empty_feed_is_read_as_nothing(feed: &impl Feed) {
    let (announced, settled) = read(feed, &beginning()).await.unwrap();

    assert_eq!(announced, []);
    assert!(settled >= beginning());
}

/// The feed has more entries than fit on one page.
#[tokio::test]
async fn no_page_is_left_unread() {
    const ENTRIES: u64 = 2_500;
    let tables = Tables::new().await;
    let name = tables.feed_name();
    for first in (0..ENTRIES).step_by(25) {
        let writes = (first..first.saturating_add(25)).map(write);
        let batch = tables.client.batch_write_item().request_items(&name, writes.collect());
        batch.send().await.unwrap();
    }

    let (announced, _) = read(&tables.feed, &beginning()).await.unwrap();

    assert_eq!(announced.len(), usize::try_from(ENTRIES).unwrap());
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_not_passed_over() {
    let tables = Tables::new().await;
    let put = tables
        .client
        .put_item()
        .table_name(tables.feed_name())
        .item("feed", text("r"))
        .item("entry", text("1700000000123#of-another-version"));
    put.send().await.unwrap();

    assert!(read(&tables.feed, &beginning()).await.is_err());
}

#[tokio::test]
async fn a_writer_with_a_wrong_clock_writes_once_more_and_then_has_the_time() {
    for skew in [-86_400_000, -60_000, 60_000] {
        let tables = Tables::new().await;
        let its_clock = |clock: &TestClock| Moment::new(clock.now().get().saturating_add_signed(skew));
        let (_, settled) = read(&tables.feed, &beginning()).await.unwrap();
        let [first, second, ..] = all();

        tables.feed.announce(&first, its_clock(&tables.clock)).await.unwrap();
        let (announced, _) = read(&tables.feed, &settled).await.unwrap();
        tables.clock.advance(100);
        let (_, settled) = read(&tables.feed, &settled).await.unwrap();
        let before = tables.wire.take().len();
        tables.feed.announce(&second, its_clock(&tables.clock)).await.unwrap();

        assert!(before <= 5, "{before}");
        assert!(announced.iter().any(|(_, read)| *read == first), "{skew}");
        assert_eq!(tables.wire.take().len(), 1, "it knows the time");
        let (announced, _) = read(&tables.feed, &settled).await.unwrap();
        assert!(announced.iter().any(|(_, read)| *read == second), "{skew}");
    }
}

#[tokio::test]
async fn an_announcement_that_is_always_committed_late_is_not_called_announced() {
    let tables = Tables::new().await;
    let clock = tables.clock.clone();
    tables.wire.fail(move |_| {
        clock.advance(10);
        None
    });

    assert!(tables.feed.announce(&all()[0], tables.clock.now()).await.is_err());
}

#[tokio::test]
async fn of_issued_tokens_the_last_moment_is_announced_in_one_entry() {
    let tables = Tables::new().await;
    let until = |seconds| Revocation::Issued {
        user_id: "ada".parse().unwrap(),
        until: Timestamp::new(seconds),
    };
    let (_, settled) = read(&tables.feed, &beginning()).await.unwrap();

    for seconds in [1_700_000_001, 1_700_000_007, 1_700_000_003] {
        tables.feed.announce_again(&until(seconds), NOW).await.unwrap();
    }

    let (announced, _) = read(&tables.feed, &settled).await.unwrap();
    assert_eq!(announced, [(NOW.timestamp(), until(1_700_000_007))]);
}

/// Four processes with different clocks announce revocations. Some writes are so slow that a reader polls before they
/// are done. After each poll, the reader has everything that was announced before the poll.
#[tokio::test]
async fn nothing_that_was_announced_is_missed_by_the_next_poll() {
    const SKEWS: [i64; 4] = [0, -60_000, -4_000, 30_000];
    let (tables, rng) = (Tables::new().await, &mut StdRng::seed_from_u64(1));
    let writers = SKEWS.map(|_| tables.another_feed());
    let reader = FeedReader::new(tables.feed.clone(), tables.snapshots.clone(), POLL);
    let held_back = hold_back(&tables);

    for step in 0..150_u64 {
        tables.clock.advance(rng.random_range(1..4));
        let number = rng.random_range(0..SKEWS.len());
        let at = Moment::new(tables.clock.now().get().saturating_add_signed(SKEWS[number]));
        let revocation = session(step);
        held_back.store(rng.random_bool(0.3), Ordering::SeqCst);
        let again = rng.random_bool(0.3);
        let announce = async {
            let writer = &writers[number];
            if again {
                writer.announce_again(&revocation, at).await
            } else {
                writer.announce(&revocation, at).await
            }
        };
        let (outcome, ()) = tokio::join!(announce, async {
            sleep(Duration::from_millis(20)).await;
            tables.clock.advance(rng.random_range(1..8));
            reader.current(tables.clock.now()).await.unwrap();
        });
        outcome.unwrap();

        tables.clock.advance(1);
        let known = reader.current(tables.clock.now()).await.unwrap();

        let announced = usize::try_from(step).unwrap().saturating_add(1);
        assert_eq!(known.revocations.len(), announced, "step {step}");
    }
}

/// The settings of a reader that polls every second.
const POLL: Following = Following {
    poll: Span::seconds(1),
    stale: Span::seconds(60),
    on_failure: OnFailure::Closed,
};

/// Returns a switch. When a test turns it on, it delays the next write and turns itself off.
fn hold_back(tables: &Tables) -> Arc<AtomicBool> {
    let switch = Arc::new(AtomicBool::default());
    let held_back = Arc::clone(&switch);
    tables.wire.fail(move |crossing: &Crossing| {
        let is_held_back = crossing.operation == "PutItem" && held_back.swap(false, Ordering::SeqCst);
        is_held_back.then_some(Fault::Slow(Duration::from_millis(100)))
    });
    switch
}

/// Returns everything that sorts after a cursor, and the cursor up to which the feed was settled when the first page
/// was read.
async fn read(feed: &impl Feed, after: &Cursor) -> Result<(Vec<(Timestamp, Revocation)>, Cursor), StoreError> {
    let first = feed.page(after, NOW).await?;
    let (mut announced, mut next) = (first.revocations, first.next);
    while let Some(after) = next {
        let page = feed.page(&after, NOW).await?;
        announced.extend(page.revocations);
        next = page.next;
    }
    Ok((announced, first.settled))
}

fn beginning() -> Cursor {
    Cursor::from_millis(Moment::new(
        NOW.get().saturating_sub(retention().get().saturating_mul(1000)),
    ))
}

fn write(number: u64) -> WriteRequest {
    let put = PutRequest::builder()
        .item("feed", text("r"))
        .item("entry", text(&format!("{:013}#s{number}", later(number).get())))
        .item("u", text("ada"))
        .item("ttl", AttributeValue::N("1700003690".to_owned()));
    WriteRequest::builder().put_request(put.build().unwrap()).build()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn session(number: u64) -> Revocation {
    Revocation::Session {
        user_id: UserId::new(NOW, [0; 10]),
        sid: SessionId::new(later(number), [0; 10]),
    }
}

/// Returns revocations of every kind.
fn all() -> [Revocation; 4] {
    let user_id = || "ada".parse().unwrap();
    [
        Revocation::Session {
            user_id: user_id(),
            sid: "one".parse().unwrap(),
        },
        Revocation::Epoch {
            user_id: user_id(),
            least: 7,
            except: Some("one".parse().unwrap()),
        },
        Revocation::Epoch {
            user_id: user_id(),
            least: 8,
            except: None,
        },
        Revocation::Issued {
            user_id: user_id(),
            until: Timestamp::new(1_700_000_000),
        },
    ]
}

fn later(milliseconds: u64) -> Moment {
    Moment::new(NOW.get().saturating_add(milliseconds))
}
