//! Removing a user and their credentials. What stays is a record of the id, so that no other user ever gets it.

use auth::{accounts::RemoveUser, error::StoreError, user::Email};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem};
use claims::UserId;

use crate::{
    Accounts, UserTable,
    fault::malformed,
    users::{IS_THERE, USER_ID, key},
};

/// The start of the key under which the table of users records an id that was removed. What follows is the id.
const REMOVED: &str = "removed#";
/// The attribute that only the record of a removed id has.
pub(crate) const IS_REMOVED: &str = "removed";

impl RemoveUser for Accounts {
    async fn remove(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove user";
        let writes = self.removal_writes(OPERATION, id, email, IS_THERE, [])?;
        self.transact(OPERATION, writes).await
    }
}

impl Accounts {
    /// Returns the writes that remove the user and the credentials under this address, if `condition` holds for the
    /// user. `values` are those of the condition.
    pub(crate) fn removal_writes<const N: usize>(
        &self,
        operation: &'static str,
        id: &UserId,
        email: &Email,
        condition: &str,
        values: [(&str, AttributeValue); N],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let credentials = self
            .credentials
            .delete_request(email)
            .condition_expression("user_id = :id")
            .expression_attribute_values(":id", key(id));
        let user = Delete::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(id))
            .condition_expression(condition);
        let user = values.into_iter().fold(user, |user, (name, value)| {
            user.expression_attribute_values(name, value)
        });
        let removed = Put::builder()
            .table_name(&self.users.name)
            .item(USER_ID, removed_key(id))
            .item(IS_REMOVED, AttributeValue::Bool(true))
            .condition_expression("attribute_not_exists(user_id) OR removed = :true")
            .expression_attribute_values(":true", AttributeValue::Bool(true));
        let deletes = [credentials, user].map(|delete| {
            let delete = delete.build().map_err(|_| malformed(operation))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        });
        let removed = removed.build().map_err(|_| malformed(operation))?;
        let mut writes: Vec<TransactWriteItem> = deletes.into_iter().collect::<Result<_, _>>()?;
        writes.push(TransactWriteItem::builder().put(removed).build());
        Ok(writes)
    }
}

impl UserTable {
    /// Returns a check that no user with this id was ever removed.
    pub(crate) fn never_removed(&self, operation: &'static str, id: &UserId) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .key(USER_ID, removed_key(id))
            .condition_expression("attribute_not_exists(user_id)")
            .build()
            .map_err(|_| malformed(operation))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

fn removed_key(id: &UserId) -> AttributeValue {
    AttributeValue::S(format!("{REMOVED}{id}"))
}
