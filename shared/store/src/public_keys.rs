//! The `PublicKeys` table, from which the public keys of access tokens and the schedules of all keys are read.

use auth::{
    error::StoreError,
    keys::{PublishKeys, PublishSchedule, ReadPublicKeys, ReadSchedule},
};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use claims::{Jwks, KeySchedule, TokenKind};

use crate::fault::{malformed, unavailable};

/// The name of the item with the public keys of access tokens. An item with a schedule has the `typ` of the tokens as
/// its name.
const ACCESS: &str = "access";
/// The attribute of the public keys.
const JWKS: &str = "jwks";
/// The attribute of a schedule.
const SCHEDULE: &str = "schedule";

/// The `PublicKeys` table: partition key `name`, a string. The keys are not in the feed's table, because every function
/// that announces revocations can write any entry there.
#[derive(Clone, Debug)]
pub struct PublicKeyTable {
    client: Client,
    name: String,
}

impl PublicKeyTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Replaces the item with this name by one that has this text.
    async fn put(
        &self,
        operation: &'static str,
        name: &str,
        attribute: &'static str,
        text: String,
    ) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .item("name", AttributeValue::S(name.to_owned()))
            .item(attribute, AttributeValue::S(text));
        let sent = request.send().await;
        sent.map_err(|error| unavailable(operation, &error))?;
        Ok(())
    }

    /// Returns the text of the item with this name, if there is one.
    async fn text(
        &self,
        operation: &'static str,
        name: &str,
        attribute: &'static str,
    ) -> Result<Option<String>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("name", AttributeValue::S(name.to_owned()))
            .consistent_read(true);
        let output = request.send().await.map_err(|error| unavailable(operation, &error))?;
        let text = output.item.map(|mut item| item.remove(attribute));
        text.map(|text| match text {
            Some(AttributeValue::S(text)) => Ok(text),
            _ => Err(malformed(operation)),
        })
        .transpose()
    }
}

impl PublishKeys for PublicKeyTable {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        self.put("publish keys", ACCESS, JWKS, jwks.to_json()).await
    }
}

impl ReadPublicKeys for PublicKeyTable {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        self.text("read public keys", ACCESS, JWKS).await
    }
}

impl PublishSchedule for PublicKeyTable {
    async fn publish_schedule<K: TokenKind>(&self, schedule: &KeySchedule) -> Result<(), StoreError> {
        self.put("publish schedule of keys", K::TYP, SCHEDULE, schedule.to_json())
            .await
    }
}

impl ReadSchedule for PublicKeyTable {
    async fn schedule<K: TokenKind>(&self) -> Result<Option<KeySchedule>, StoreError> {
        const OPERATION: &str = "read schedule of keys";
        let text = self.text(OPERATION, K::TYP, SCHEDULE).await?;
        text.map(|text| KeySchedule::from_json(&text).ok_or_else(|| malformed(OPERATION)))
            .transpose()
    }
}
