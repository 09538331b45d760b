//! Reading the `AuthorizerFeed` table.

use std::time::Instant;

use auth::{
    error::StoreError,
    feed::{AnnouncedPage, Cursor, ReadAnnounced},
};
use claims::Moment;
use serde::Deserialize;
use serde_json::json;

use crate::{
    Aws,
    aws::Read,
    fault::malformed,
    feed_clock::settled_cursor,
    feed_item::{FEED, FeedItem, Text},
};

/// The maximum number of entries on a page. It is so low that reading a page takes only a small part of a request's
/// time, even on the slowest processor.
const PAGE: u32 = 1_000;

/// The `AuthorizerFeed` table: partition key `feed`, sort key `entry`, both strings.
#[derive(Clone, Debug)]
pub struct FeedReads {
    aws: Aws,
    table: String,
}

/// The answer of `Query`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    items: Vec<FeedItem>,
    last_evaluated_key: Option<Key>,
}

#[derive(Deserialize)]
struct Key {
    entry: Text,
}

impl FeedReads {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(aws: Aws, table: String) -> Self {
        Self { aws, table }
    }
}

impl ReadAnnounced for FeedReads {
    async fn page(&self, after: &Cursor, now: Moment) -> Result<AnnouncedPage, StoreError> {
        const OPERATION: &str = "read feed";
        let query = json!({
            "TableName": self.table,
            "ConsistentRead": true,
            "Limit": PAGE,
            "KeyConditionExpression": "feed = :feed AND entry > :after",
            "ExpressionAttributeValues": {":feed": {"S": FEED}, ":after": {"S": after.as_str()}},
        });
        let asked = Instant::now();
        let read = self.aws.dynamodb(OPERATION, "DynamoDB_20120810.Query", &query).await?;
        let Read::<Page> { body, date } = read;
        let settled = settled_cursor(now, date, asked.elapsed());

        let revocations = body.items.iter().map(FeedItem::to_revocation);
        Ok(AnnouncedPage {
            revocations: revocations.collect::<Option<_>>().ok_or_else(|| malformed(OPERATION))?,
            next: body.last_evaluated_key.map(|key| Cursor::from_feed(key.entry.text)),
            settled,
        })
    }
}
