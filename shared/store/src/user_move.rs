//! Moving a user from one address to another.

use auth::{
    accounts::MoveUser, confirm_address::MoveAddress, error::StoreError, mail::QueuedNotice, password::PasswordRecord,
    user::Email,
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use claims::UserId;

use crate::{
    Accounts, MailTable,
    credentials::{EMAIL, hash},
    credentials_item::CredentialsItem,
    fault::malformed,
    item::{put_new, to_update},
    users::{IS_THERE, USER_ID, key},
};

impl MoveUser for Accounts {
    async fn move_to(&self, credentials: &PasswordRecord, from: &Email, to: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "move user";
        let writes = self.move_writes(OPERATION, credentials, from, to)?;
        self.transact(OPERATION, writes).await
    }

    async fn show_as(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        let typed = email.typed();
        self.users.set_attribute("show address", id, "email", typed).await
    }
}

/// The tables to which a confirmed change of address writes: those of users, credentials and requested mails.
#[derive(Clone, Debug)]
pub struct AddressMoves {
    accounts: Accounts,
    outbox: MailTable,
}

impl AddressMoves {
    /// Combines the tables of users and credentials with the table of requested mails.
    #[must_use]
    pub const fn new(accounts: Accounts, outbox: MailTable) -> Self {
        Self { accounts, outbox }
    }
}

impl MoveAddress for AddressMoves {
    async fn move_address(
        &self,
        credentials: &PasswordRecord,
        from: &Email,
        to: &Email,
        notice: &QueuedNotice,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "move address";
        let mut writes = self.accounts.move_writes(OPERATION, credentials, from, to)?;
        let notice = to_update(OPERATION, &self.outbox.notice_update(notice))?;
        writes.push(TransactWriteItem::builder().update(notice).build());
        self.accounts.transact(OPERATION, writes).await
    }
}

impl Accounts {
    /// Returns the writes that move these credentials.
    fn move_writes(
        &self,
        operation: &'static str,
        credentials: &PasswordRecord,
        from: &Email,
        to: &Email,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let item = CredentialsItem::new(to, credentials);
        let put = put_new(operation, &self.credentials.name, EMAIL, item)?;
        let delete = self
            .credentials
            .delete_request(from)
            .condition_expression("user_id = :id AND password_hash = :hash")
            .expression_attribute_values(":id", key(&credentials.user_id))
            .expression_attribute_values(":hash", hash(&credentials.password_hash))
            .build()
            .map_err(|_| malformed(operation))?;
        let show = Update::builder()
            .table_name(&self.users.name)
            .key(USER_ID, key(&credentials.user_id))
            .condition_expression(IS_THERE)
            .update_expression("SET email = :email")
            .expression_attribute_values(":email", AttributeValue::S(to.typed().to_owned()))
            .build()
            .map_err(|_| malformed(operation))?;
        Ok(vec![
            put,
            TransactWriteItem::builder().delete(delete).build(),
            TransactWriteItem::builder().update(show).build(),
        ])
    }
}
