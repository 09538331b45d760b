//! The `AuthorizerFeed` table, in which revocations are announced. [`reads::FeedReads`] reads it.

use auth::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
};
use aws_sdk_dynamodb::{Client, error::SdkError};
use claims::{Moment, Timestamp};
use reads::{FeedClock, is_late};

use crate::{
    fault::unavailable,
    feed_item::{self, Item},
    server_time::ServerTime,
};

/// The maximum number of times that an entry is written. It is written again if it was committed too long after the
/// time in its key, because readers may already have read past that time.
const TRIES: usize = 3;
/// The length of the time slots in which identical announcements become one entry, in milliseconds.
const SLOT: u64 = 60_000;
/// The name of the operation in errors.
const ANNOUNCE: &str = "announce revocation";
/// The `AuthorizerFeed` table: partition key `feed`, sort key `entry`, both strings.
#[derive(Clone, Debug)]
pub struct FeedTable {
    client: Client,
    name: String,
    clock: FeedClock,
}

impl FeedTable {
    /// Returns the table with this name.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self {
            client,
            name,
            clock: FeedClock::default(),
        }
    }

    /// Writes the entry of a revocation, and writes it again if it was committed too long after the time in its key.
    /// `key` converts the estimated time of DynamoDB's clock to the time in the entry's key.
    async fn announce_by(
        &self,
        key: impl Fn(Moment) -> Moment + Send,
        revocation: &Revocation,
        now: Moment,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let stamp = self.clock.stamp(now);
            let item = feed_item::from_revocation(revocation, key(stamp), stamp.timestamp());
            let Some(heard) = self.put(item).await? else {
                return Ok(());
            };
            self.clock.learn(now, heard);
            if !is_late(key(stamp), heard) {
                return Ok(());
            }
        }
        // A reader may already have read past all of these entries.
        Err(StoreError::Unavailable {
            operation: ANNOUNCE,
            cause: "every try was committed too late".to_owned(),
        })
    }

    /// Writes an entry, unless the stored one with this key revokes the same or more. Returns the second in which
    /// DynamoDB answered, by its own clock, or `None` if the answer has no valid `Date` header.
    async fn put(&self, item: Item) -> Result<Option<Timestamp>, StoreError> {
        let time = ServerTime::default();
        let request = self.client.put_item().table_name(&self.name);
        let request = match item.get(feed_item::UNTIL) {
            None => request.condition_expression("attribute_not_exists(entry)"),
            Some(until) => request
                .condition_expression("attribute_not_exists(entry) OR i < :until")
                .expression_attribute_values(":until", until.clone()),
        };
        let request = request.set_item(Some(item)).customize().interceptor(time.clone());
        match request.send().await {
            Ok(_) => Ok(time.date()),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                Ok(time.date())
            }
            Err(error) => Err(unavailable(ANNOUNCE, &error)),
        }
    }
}

impl AnnounceRevocations for FeedTable {
    async fn announce(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        self.announce_by(|stamp| stamp, revocation, now).await
    }

    /// Writes an entry whose key starts with the end of the current time slot. This time is in the future, so no reader
    /// has read past the entry while it can still change.
    async fn announce_again(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        self.announce_by(end_of_slot, revocation, now).await
    }
}

/// Returns the end of the slot that contains a moment.
fn end_of_slot(stamp: Moment) -> Moment {
    let past = stamp.get().checked_rem(SLOT).unwrap_or_default();
    Moment::new(stamp.get().saturating_sub(past).saturating_add(SLOT))
}
