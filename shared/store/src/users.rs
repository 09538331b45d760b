//! Users and credentials in the `Users` table: `email#` items find, `user#` items describe.

use auth::{
    AddUser, Credentials, CredentialsStore, Email, PasswordHash, Status, StoreError, UpgradeHash, User, UserStore,
    Users,
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        get_item::GetItemOutput, transact_write_items::builders::TransactWriteItemsFluentBuilder,
        update_item::builders::UpdateItemFluentBuilder,
    },
    types::{AttributeValue, Put, TransactWriteItem, Update, builders::UpdateBuilder},
};
use claims::{Role, UserId};
use serde::{Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use crate::{
    fault::{malformed, unavailable},
    transaction::transact,
    user_item::{CredentialsItem, USER_PREFIX, UserItem, credentials_key, user_key},
};

/// The `Users` table: partition key `key`, a string.
#[derive(Clone, Debug)]
pub struct UserTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl CredentialsStore for UserTable {
    async fn credentials(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        let item: Option<CredentialsItem> = self.read("read credentials", credentials_key(email)).await?;
        Ok(item.map(Credentials::from))
    }
}

impl UpgradeHash for UserTable {
    async fn upgrade(&self, email: &Email, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
        let hash = |hash: &PasswordHash| AttributeValue::S(hash.expose().to_owned());
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(credentials_key(email)))
            .condition_expression("password_hash = :old")
            .update_expression("SET password_hash = :new")
            .expression_attribute_values(":old", hash(old))
            .expression_attribute_values(":new", hash(new));
        conditional("upgrade hash", update).await
    }
}

impl UserStore for UserTable {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let item: Option<UserItem> = self.read("read user", user_key(id)).await?;
        Ok(item.map(User::from))
    }
}

impl Users for UserTable {
    async fn add(&self, user: &User, email: &Email, credentials: &Credentials) -> Result<AddUser, StoreError> {
        const OPERATION: &str = "add user";
        let writes = vec![
            self.put_new(OPERATION, CredentialsItem::new(email, credentials))?,
            self.put_new(OPERATION, UserItem::from(user))?,
        ];
        // The SDK tries again under the same token, so that a repeated request is the same request; a token of the user's
        // own would make a second one of another.
        let added = transact(OPERATION, self.transaction(writes)).await?;
        Ok(if added { AddUser::Added } else { AddUser::AddressTaken })
    }

    async fn list(&self) -> Result<Vec<User>, StoreError> {
        const OPERATION: &str = "list users";
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .filter_expression("begins_with(#key, :prefix)")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":prefix", AttributeValue::S(USER_PREFIX.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut users = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| unavailable(OPERATION, &error))?;
            let item: UserItem = from_item(item).map_err(|_| malformed(OPERATION))?;
            users.push(item.into());
        }
        Ok(users)
    }

    async fn set_role(&self, id: &UserId, role: &Role) -> Result<bool, StoreError> {
        self.set_attribute("set role", id, "role", role).await
    }

    async fn set_status(&self, id: &UserId, status: Status) -> Result<bool, StoreError> {
        self.set_attribute("set status", id, "status", status).await
    }

    async fn set_credentials(&self, email: &Email, credentials: &Credentials) -> Result<bool, StoreError> {
        const OPERATION: &str = "set credentials";
        let replace = self.replaced_credentials(email, credentials, "user_id = :id").build();
        let end_sessions = self
            .raised_epoch(&credentials.user_id, "attribute_exists(epoch)")
            .build();
        let writes = [replace, end_sessions].map(|update| {
            update
                .map(|update| TransactWriteItem::builder().update(update).build())
                .map_err(|_| malformed(OPERATION))
        });
        let [replace, end_sessions] = writes;
        transact(OPERATION, self.transaction(vec![replace?, end_sessions?])).await
    }
}

impl UserTable {
    /// The table of this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    async fn read<T: DeserializeOwned>(&self, operation: &'static str, key: String) -> Result<Option<T>, StoreError> {
        let GetItemOutput { item, .. } = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unavailable(operation, &error))?;
        item.map(|item| from_item(item).map_err(|_| malformed(operation)))
            .transpose()
    }

    /// Replaces the credentials under an address where `condition` holds, in which `:id` is whose the new ones are.
    pub(crate) fn replaced_credentials(
        &self,
        email: &Email,
        credentials: &Credentials,
        condition: &str,
    ) -> UpdateBuilder {
        let hash = credentials.password_hash.expose().to_owned();
        let changed_at = credentials.password_changed_at.get().to_string();
        Update::builder()
            .table_name(&self.name)
            .key("key", AttributeValue::S(credentials_key(email)))
            .condition_expression(condition)
            .update_expression("SET password_hash = :hash, password_changed_at = :changed_at")
            .expression_attribute_values(":id", AttributeValue::S(credentials.user_id.to_string()))
            .expression_attribute_values(":hash", AttributeValue::S(hash))
            .expression_attribute_values(":changed_at", AttributeValue::N(changed_at))
    }

    /// Adds one to a user's epoch where `condition` holds.
    pub(crate) fn raised_epoch(&self, id: &UserId, condition: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .key("key", AttributeValue::S(user_key(id)))
            .condition_expression(condition)
            .update_expression("ADD epoch :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
    }

    pub(crate) fn put_new(
        &self,
        operation: &'static str,
        item: impl Serialize,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = to_item(item).map_err(|_| malformed(operation))?;
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", "key")
            .build()
            .map_err(|_| malformed(operation))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(crate) fn transaction(&self, writes: Vec<TransactWriteItem>) -> TransactWriteItemsFluentBuilder {
        self.client.transact_write_items().set_transact_items(Some(writes))
    }

    pub(crate) async fn set_attribute(
        &self,
        operation: &'static str,
        id: &UserId,
        name: &str,
        value: impl Serialize,
    ) -> Result<bool, StoreError> {
        let value = serde_dynamo::to_attribute_value(value).map_err(|_| malformed(operation))?;
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("key", AttributeValue::S(user_key(id)))
            .condition_expression("attribute_exists(#key)")
            .update_expression("SET #name = :value")
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value);
        conditional(operation, update).await
    }
}

/// Sends an update; whether its condition held.
async fn conditional(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(false),
        Err(error) => Err(unavailable(operation, &error)),
    }
}
