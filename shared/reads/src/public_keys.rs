//! Reading the `PublicKeys` table.

use auth::{error::StoreError, keys::ReadPublicKeys};
use serde::Deserialize;

use crate::{Aws, feed_item::Text, item::read_item};

/// The name of the only item.
const ACCESS: &str = "access";

/// The `PublicKeys` table: partition key `name`, a string.
#[derive(Clone, Debug)]
pub struct PublicKeyReads {
    aws: Aws,
    table: String,
}

#[derive(Deserialize)]
struct Item {
    jwks: Text,
}

impl PublicKeyReads {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(aws: Aws, table: String) -> Self {
        Self { aws, table }
    }
}

impl ReadPublicKeys for PublicKeyReads {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        let item: Option<Item> = read_item("read public keys", &self.aws, &self.table, ACCESS).await?;
        Ok(item.map(|item| item.jwks.text))
    }
}
