//! Moving a user from one address to another.

use auth::{accounts::MoveUser, error::StoreError, password::PasswordRecord, user::Email};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use claims::UserId;

use crate::{
    Accounts,
    credentials::{EMAIL, hash},
    credentials_item::CredentialsItem,
    fault::malformed,
    item::put_new,
    users::{IS_THERE, USER_ID, key},
};

impl MoveUser for Accounts {
    async fn move_to(&self, credentials: &PasswordRecord, from: &Email, to: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "move user";
        let item = CredentialsItem::new(to, credentials);
        let put = put_new(OPERATION, &self.credentials.name, EMAIL, item)?;
        let delete = self
            .credentials
            .delete_request(from)
            .condition_expression("user_id = :id AND password_hash = :hash")
            .expression_attribute_values(":id", key(&credentials.user_id))
            .expression_attribute_values(":hash", hash(&credentials.password_hash))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let show = Update::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(&credentials.user_id))
            .condition_expression(IS_THERE)
            .update_expression("SET email = :email")
            .expression_attribute_values(":email", AttributeValue::S(to.typed().to_owned()))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let writes = vec![
            put,
            TransactWriteItem::builder().delete(delete).build(),
            TransactWriteItem::builder().update(show).build(),
        ];
        self.transact(OPERATION, writes).await
    }

    async fn show_as(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        let typed = email.typed();
        self.users.set_attribute("show address", id, "email", typed).await
    }
}
