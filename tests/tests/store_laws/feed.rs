//! The laws of `AnnounceRevocations`, `PublishKeys` and `ReadAnnounced`.

use auth::{AnnounceRevocations, PublishKeys, ReadAnnounced, Revocation};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use claims::{Millis, Timestamp};
use tests::jwks;

use crate::{laws, tables::Tables};

/// All that a feed does.
pub(crate) trait Feed: AnnounceRevocations + PublishKeys + ReadAnnounced {}
impl<F: AnnounceRevocations + PublishKeys + ReadAnnounced> Feed for F {}

laws! { feed:
    what_is_announced_is_read_as_it_was
    what_was_announced_before_is_not_asked_for
    two_of_one_moment_are_two
    keys_come_with_every_answer_and_the_last_ones_count
    an_empty_feed_is_read_as_nothing
}

const NOW: Millis = Millis::new(1_700_000_000_123);

async fn what_is_announced_is_read_as_it_was(feed: &impl Feed) {
    for (revocation, at) in all().into_iter().zip([NOW, later(1), later(2), later(3)]) {
        feed.announce(&revocation, at).await.unwrap();
    }

    let announced = feed.announced(NOW).await.unwrap();

    let expected: Vec<_> = [NOW, later(1), later(2), later(3)].into_iter().zip(all()).collect();
    assert_eq!(announced.revocations, expected);
}

async fn what_was_announced_before_is_not_asked_for(feed: &impl Feed) {
    let [first, second, ..] = all();
    feed.announce(&first, NOW).await.unwrap();
    feed.announce(&second, later(1)).await.unwrap();

    let announced = feed.announced(later(1)).await.unwrap();

    assert_eq!(announced.revocations, [(later(1), second)]);
}

async fn two_of_one_moment_are_two(feed: &impl Feed) {
    for revocation in all() {
        feed.announce(&revocation, NOW).await.unwrap();
    }

    assert_eq!(feed.announced(NOW).await.unwrap().revocations.len(), all().len());
}

async fn keys_come_with_every_answer_and_the_last_ones_count(feed: &impl Feed) {
    feed.publish(&jwks()).await.unwrap();
    feed.publish(&jwks()).await.unwrap();

    let announced = feed.announced(later(1_000_000)).await.unwrap();

    assert_eq!(announced.jwks, Some(jwks().to_json()));
    assert!(announced.revocations.is_empty());
}

async fn an_empty_feed_is_read_as_nothing(feed: &impl Feed) {
    let announced = feed.announced(NOW).await.unwrap();

    assert_eq!((announced.revocations.len(), announced.jwks), (0, None));
}

/// More than DynamoDB gives in one answer, which is a megabyte.
#[tokio::test]
async fn no_page_is_left_unread() {
    const ENTRIES: u64 = 300;
    let tables = Tables::new().await;
    let name = tables.engine.table("AuthorizerFeed");
    for first in (0..ENTRIES).step_by(25) {
        let writes = (first..first.saturating_add(25)).map(write);
        let batch = tables.client.batch_write_item().request_items(&name, writes.collect());
        batch.send().await.unwrap();
    }

    let announced = tables.feed.announced(NOW).await.unwrap();

    assert_eq!(announced.revocations.len(), usize::try_from(ENTRIES).unwrap());
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_not_passed_over() {
    let tables = Tables::new().await;
    let put = tables
        .client
        .put_item()
        .table_name(tables.engine.table("AuthorizerFeed"))
        .item("feed", text("feed"))
        .item("entry", text("1700000000123#of-another-version"));
    put.send().await.unwrap();

    assert!(tables.feed.announced(NOW).await.is_err());
}

fn write(number: u64) -> WriteRequest {
    let put = PutRequest::builder()
        .item("feed", text("feed"))
        .item("entry", text(&format!("{:013}#s{number}", later(number).get())))
        .item("user", text("01a2108a-621e-79da-a158-729f76b918c0"))
        .item("sid", text(&format!("01a2108a-621e-79da-a158-{number:012}")))
        .item("padding", text(&"x".repeat(4_000)));
    WriteRequest::builder().put_request(put.build().unwrap()).build()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// One of each kind.
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

fn later(milliseconds: u64) -> Millis {
    Millis::new(NOW.get().saturating_add(milliseconds))
}
