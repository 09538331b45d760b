//! A user's move from one address to another.

use auth::{Credentials, Email, MoveUser, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use claims::UserId;

use crate::{
    UserTable,
    fault::malformed,
    transaction::transact,
    user_item::{CredentialsItem, credentials_key, user_key},
};

impl MoveUser for UserTable {
    async fn move_to(&self, credentials: &Credentials, from: &Email, to: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "move user";
        let put = self.put_new(OPERATION, CredentialsItem::new(to, credentials))?;
        let hash = AttributeValue::S(credentials.password_hash.expose().to_owned());
        let delete = Delete::builder()
            .table_name(&self.name)
            .key("key", AttributeValue::S(credentials_key(from)))
            .condition_expression("user_id = :id AND password_hash = :hash")
            .expression_attribute_values(":id", AttributeValue::S(credentials.user_id.to_string()))
            .expression_attribute_values(":hash", hash)
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let show = Update::builder()
            .table_name(&self.name)
            .key("key", AttributeValue::S(user_key(&credentials.user_id)))
            .condition_expression("attribute_exists(#key)")
            .update_expression("SET email = :email")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":email", AttributeValue::S(to.typed().to_owned()))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let writes = vec![
            put,
            TransactWriteItem::builder().delete(delete).build(),
            TransactWriteItem::builder().update(show).build(),
        ];
        transact(OPERATION, self.transaction(writes)).await
    }

    async fn show_as(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        self.set_attribute("show address", id, "email", email.typed()).await
    }
}
