//! The `AuthorizerFeed` table: what every authorizer must know, and nothing else.

use auth::{AnnounceRevocations, Announced, PublishKeys, ReadAnnounced, Revocation, StoreError};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use claims::{Jwks, Millis};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use crate::{
    fault::{malformed, unavailable},
    feed_item::{self, FEED, FeedItem, KEYS},
};

/// The `AuthorizerFeed` table: partition key `feed`, sort key `entry`, both strings.
#[derive(Clone, Debug)]
pub struct FeedTable {
    client: Client,
    name: String,
}

impl FeedTable {
    /// The table of this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    async fn put(&self, operation: &'static str, item: FeedItem) -> Result<(), StoreError> {
        let item = to_item(item).map_err(|_| malformed(operation))?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        request.send().await.map_err(|error| unavailable(operation, &error))?;
        Ok(())
    }
}

impl AnnounceRevocations for FeedTable {
    async fn announce(&self, revocation: &Revocation, now: Millis) -> Result<(), StoreError> {
        self.put("announce revocation", FeedItem::of_revocation(revocation, now))
            .await
    }
}

impl PublishKeys for FeedTable {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        self.put("publish keys", FeedItem::of_keys(jwks.to_json())).await
    }
}

impl ReadAnnounced for FeedTable {
    async fn announced(&self, from: Millis) -> Result<Announced, StoreError> {
        const OPERATION: &str = "read feed";
        let mut items = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("feed = :feed AND entry >= :from")
            .expression_attribute_values(":feed", AttributeValue::S(FEED.to_owned()))
            .expression_attribute_values(":from", AttributeValue::S(feed_item::from(from)))
            .into_paginator()
            .items()
            .send();
        let mut announced = Announced::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| unavailable(OPERATION, &error))?;
            let item: FeedItem = from_item(item).map_err(|_| malformed(OPERATION))?;
            if item.entry == KEYS {
                announced.jwks = item.jwks;
            } else {
                // One that cannot be read is none that may be passed over.
                let revocation = item.into_revocation().ok_or_else(|| malformed(OPERATION))?;
                announced.revocations.push(revocation);
            }
        }
        Ok(announced)
    }
}
