//! Removing a user and their credentials.

use auth::{accounts::RemoveUser, error::StoreError, user::Email};
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use claims::UserId;

use crate::{
    Accounts,
    fault::malformed,
    users::{IS_THERE, USER_ID, key},
};

impl RemoveUser for Accounts {
    async fn remove(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove user";
        let credentials = self
            .credentials
            .delete_request(email)
            .condition_expression("user_id = :id")
            .expression_attribute_values(":id", key(id));
        let user = Delete::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(id))
            .condition_expression(IS_THERE);
        let writes = [credentials, user].map(|delete| {
            let delete = delete.build().map_err(|_| malformed(OPERATION))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        });
        self.transact(OPERATION, writes.into_iter().collect::<Result<_, _>>()?)
            .await
    }
}
