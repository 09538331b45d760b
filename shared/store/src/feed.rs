//! The `AuthorizerFeed` table: what is revoked.

use std::time::Instant;

use auth::{AnnounceRevocations, AnnouncedPage, Cursor, ReadAnnounced, Revocation, StoreError};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use claims::{Millis, Timestamp};

use crate::{
    fault::{malformed, unavailable},
    feed_clock::{FeedClock, is_late, settled},
    feed_item::{self, FEED, Item},
    server_time::ServerTime,
};

/// How often an entry is written that comes too late for its stamp.
const TRIES: usize = 3;
/// Entries on a page: so few that reading one takes a small part of the time that a request has, on the least processor.
const PAGE: i32 = 2_500;

/// The `AuthorizerFeed` table: partition key `feed`, sort key `entry`, both strings.
#[derive(Clone, Debug)]
pub struct FeedTable {
    client: Client,
    name: String,
    clock: FeedClock,
}

impl FeedTable {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self {
            client,
            name,
            clock: FeedClock::default(),
        }
    }

    /// Writes an entry; the time at which that was done, by DynamoDB's clock.
    async fn put(&self, operation: &'static str, item: Item) -> Result<Option<Timestamp>, StoreError> {
        let time = ServerTime::default();
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let sent = request.customize().interceptor(time.clone()).send().await;
        sent.map_err(|error| unavailable(operation, &error))?;
        Ok(time.date())
    }
}

impl AnnounceRevocations for FeedTable {
    async fn announce(&self, revocation: &Revocation, now: Millis) -> Result<(), StoreError> {
        const OPERATION: &str = "announce revocation";
        for _ in 0..TRIES {
            let stamp = self.clock.stamp(now);
            let item = feed_item::of_revocation(revocation, stamp, stamp.timestamp());
            let Some(heard) = self.put(OPERATION, item).await? else {
                return Ok(());
            };
            self.clock.learn(now, heard);
            if !is_late(stamp, heard) {
                return Ok(());
            }
        }
        // A reader may have gone past all of them.
        Err(StoreError::Unavailable {
            operation: OPERATION,
            cause: "each try was committed too late".to_owned(),
        })
    }
}

impl ReadAnnounced for FeedTable {
    async fn page(&self, after: &Cursor, now: Millis) -> Result<AnnouncedPage, StoreError> {
        const OPERATION: &str = "read feed";
        let (time, asked) = (ServerTime::default(), Instant::now());
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .limit(PAGE)
            .key_condition_expression("feed = :feed AND entry > :after")
            .expression_attribute_values(":feed", AttributeValue::S(FEED.to_owned()))
            .expression_attribute_values(":after", AttributeValue::S(after.as_str().to_owned()));
        let output = query.customize().interceptor(time.clone()).send().await;
        let output = output.map_err(|error| unavailable(OPERATION, &error))?;
        let settled = settled(now, time.date(), asked.elapsed());

        let next = match output.last_evaluated_key {
            Some(last) => Some(feed_item::entry(&last).ok_or_else(|| malformed(OPERATION))?),
            None => None,
        };
        // An entry that cannot be read is none that may be passed over.
        let revocations = output
            .items
            .unwrap_or_default()
            .into_iter()
            .map(feed_item::to_revocation);
        Ok(AnnouncedPage {
            revocations: revocations.collect::<Option<_>>().ok_or_else(|| malformed(OPERATION))?,
            next: next.map(Cursor::of_feed),
            settled,
        })
    }
}
