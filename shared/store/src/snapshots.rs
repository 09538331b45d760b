//! The `FeedSnapshots` table: recent revocations in a few large items.

use auth::{
    error::StoreError,
    feed::{KeepSnapshots, ReadSnapshots, SnapshotPlace, retention},
};
use aws_sdk_dynamodb::{
    Client, error::SdkError, operation::put_item::builders::PutItemFluentBuilder, primitives::Blob,
    types::AttributeValue,
};
use claims::Moment;

use crate::fault::{malformed, unavailable};

/// The name of the item that points to the current snapshot.
const CURRENT: &str = "current";
/// The maximum size of a part in bytes. DynamoDB allows 400 KB per item, including names.
const PART: usize = 350 * 1024;

/// The `FeedSnapshots` table: partition key `name`, a string. Every part of a snapshot is written once under a name of
/// its own, before the item `current` points to the snapshot. A reader therefore finds either a complete snapshot or
/// none.
#[derive(Clone, Debug)]
pub struct SnapshotTable {
    client: Client,
    name: String,
}

impl SnapshotTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    fn put(&self, name: String, now: Moment) -> PutItemFluentBuilder {
        // All revocations in a snapshot that is older than the retention are obsolete.
        let ttl = now.timestamp().plus(retention()).get();
        self.client
            .put_item()
            .table_name(&self.name)
            .item("name", AttributeValue::S(name))
            .item("ttl", AttributeValue::N(ttl.to_string()))
    }

    async fn item(&self, operation: &'static str, name: String) -> Result<Option<Item>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("name", AttributeValue::S(name))
            .consistent_read(true);
        let output = request.send().await.map_err(|error| unavailable(operation, &error))?;
        Ok(output.item)
    }
}

type Item = std::collections::HashMap<String, AttributeValue>;

impl ReadSnapshots for SnapshotTable {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        const OPERATION: &str = "find snapshot";
        let item = self.item(OPERATION, CURRENT.to_owned()).await?;
        item.map(|item| place(&item).ok_or_else(|| malformed(OPERATION)))
            .transpose()
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let item = self.item("read snapshot", part_name(place, number)).await?;
        let part = item.and_then(|mut item| item.remove("part"));
        Ok(part.and_then(|part| part.as_b().ok().map(|bytes| bytes.as_ref().to_vec())))
    }
}

impl KeepSnapshots for SnapshotTable {
    async fn replace(&self, before: Option<&SnapshotPlace>, bytes: &[u8], now: Moment) -> Result<bool, StoreError> {
        const OPERATION: &str = "write snapshot";
        let place = SnapshotPlace {
            name: format!("{:013}", now.get()),
            parts: bytes.len().div_ceil(PART),
        };
        for (number, part) in bytes.chunks(PART).enumerate() {
            let put = self.put(part_name(&place, number), now);
            let put = put.item("part", AttributeValue::B(Blob::new(part)));
            put.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        }
        let put = self
            .put(CURRENT.to_owned(), now)
            .item("snapshot_name", AttributeValue::S(place.name.clone()))
            .item("parts", AttributeValue::N(place.parts.to_string()));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(snapshot_name)"),
            Some(before) => put
                .condition_expression("snapshot_name = :before")
                .expression_attribute_values(":before", AttributeValue::S(before.name.clone())),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            // An earlier try whose answer was lost may have written the item.
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                Ok(self.current().await?.as_ref() == Some(&place))
            }
            Err(error) => Err(unavailable(OPERATION, &error)),
        }
    }
}

fn place(item: &Item) -> Option<SnapshotPlace> {
    Some(SnapshotPlace {
        name: item.get("snapshot_name")?.as_s().ok()?.clone(),
        parts: item.get("parts")?.as_n().ok()?.parse().ok()?,
    })
}

fn part_name(place: &SnapshotPlace, number: usize) -> String {
    format!("{}#{number}", place.name)
}
