//! Reading one item.

use auth::error::StoreError;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::Aws;

/// The answer of `GetItem`.
#[derive(Deserialize)]
struct Found<T> {
    #[serde(rename = "Item", default = "none")]
    item: Option<T>,
}

const fn none<T>() -> Option<T> {
    None
}

/// Reads the item with this name, in a table whose partition key is the attribute `name`. The read is strongly
/// consistent. Returns `None` if there is no such item.
///
/// # Errors
/// If DynamoDB refuses or cannot be reached, or the item is not a `T`.
pub(crate) async fn read_item<T: DeserializeOwned>(
    operation: &'static str,
    aws: &Aws,
    table: &str,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let request = json!({"TableName": table, "ConsistentRead": true, "Key": {"name": {"S": name}}});
    let found = aws.dynamodb(operation, "DynamoDB_20120810.GetItem", &request).await?;
    let Found { item } = found.body;
    Ok(item)
}
