//! Every user of the `Users` table, page by page.

use auth::{PageUsers, StoreError, UserPage};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_dynamo::aws_sdk_dynamodb_1::from_item;

use crate::{
    UserTable,
    fault::{malformed, unavailable},
    user_item::{USER_PREFIX, UserItem},
};

/// How many items are read at once, those of other kinds among them; a user has two.
const PAGE: i32 = 256;

impl PageUsers for UserTable {
    async fn page(&self, after: Option<&str>) -> Result<UserPage, StoreError> {
        const OPERATION: &str = "list users";
        let after = after.map(|key| [("key".to_owned(), AttributeValue::S(key.to_owned()))]);
        let request = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .limit(PAGE)
            .set_exclusive_start_key(after.map(Into::into))
            .filter_expression("begins_with(#key, :prefix)")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":prefix", AttributeValue::S(USER_PREFIX.to_owned()));
        let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        let items = output.items.unwrap_or_default().into_iter();
        let users = items.map(|item| from_item(item).map(|item: UserItem| item.into()));
        let last = output.last_evaluated_key.map(|mut last| last.remove("key"));
        Ok(UserPage {
            users: users.collect::<Result<_, _>>().map_err(|_| malformed(OPERATION))?,
            next: last.flatten().and_then(|key| key.as_s().cloned().ok()),
        })
    }
}
