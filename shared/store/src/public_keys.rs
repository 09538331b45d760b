//! The `PublicKeys` table, from which the public keys of access tokens are read.

use auth::{
    error::StoreError,
    keys::{PublishKeys, ReadPublicKeys},
};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use claims::Jwks;

use crate::fault::{malformed, unavailable};

/// The name of the only item.
const ACCESS: &str = "access";

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
}

impl PublishKeys for PublicKeyTable {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .item("name", AttributeValue::S(ACCESS.to_owned()))
            .item("jwks", AttributeValue::S(jwks.to_json()));
        let sent = request.send().await;
        sent.map_err(|error| unavailable("publish keys", &error))?;
        Ok(())
    }
}

impl ReadPublicKeys for PublicKeyTable {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        const OPERATION: &str = "read public keys";
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("name", AttributeValue::S(ACCESS.to_owned()))
            .consistent_read(true);
        let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let jwks = output.item.map(|mut item| item.remove("jwks"));
        jwks.map(|jwks| match jwks {
            Some(AttributeValue::S(jwks)) => Ok(jwks),
            _ => Err(malformed(OPERATION)),
        })
        .transpose()
    }
}
