//! Listing all users page by page.

use auth::{
    accounts::{PageUsers, UserPage},
    error::StoreError,
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_dynamo::aws_sdk_dynamodb_1::from_item;

use crate::{
    Accounts,
    fault::{malformed, unavailable},
    user_item::UserItem,
    user_removal::IS_REMOVED,
    users::USER_ID,
};

/// The maximum number of users on a page.
const PAGE: i32 = 256;

impl PageUsers for Accounts {
    async fn page(&self, after: Option<&str>) -> Result<UserPage, StoreError> {
        const OPERATION: &str = "list users";
        let after = after.map(|id| [(USER_ID.to_owned(), AttributeValue::S(id.to_owned()))]);
        let request = self
            .users
            .client
            .scan()
            .table_name(&self.users.name)
            .consistent_read(true)
            .filter_expression(format!("attribute_not_exists({IS_REMOVED})"))
            .limit(PAGE)
            .set_exclusive_start_key(after.map(Into::into));
        let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let items = output.items.unwrap_or_default().into_iter();
        let users = items.map(|item| from_item(item).map(|item: UserItem| item.into()));
        let last = output.last_evaluated_key.map(|mut last| last.remove(USER_ID));
        Ok(UserPage {
            users: users.collect::<Result<_, _>>().map_err(|_| malformed(OPERATION))?,
            next: last.flatten().and_then(|id| id.as_s().cloned().ok()),
        })
    }
}

impl Accounts {
    /// Returns about how many users there are, as DynamoDB counts them every few hours, or `None` if it does not say so.
    pub async fn approximate_count(&self) -> Option<u64> {
        let request = self.users.client.describe_table().table_name(&self.users.name);
        let table = request.send().await.ok()?.table?;
        table.item_count?.try_into().ok().filter(|count| *count > 0)
    }
}
