//! The table of users: the claims of their tokens, and whether they may log in. It holds no password hash.

use std::time::Duration;

use auth::{
    error::StoreError,
    user::{FindUser, Status, User},
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{get_item::builders::GetItemFluentBuilder, update_item::builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, Update, builders::UpdateBuilder},
};
use claims::{Timestamp, UserId};
use serde::Serialize;
use tokio::time::timeout;

use crate::{
    fault::{malformed, unavailable},
    item::{read, update_if},
    user_item::UserItem,
};

/// The table of users: partition key `user_id`, a string.
#[derive(Clone, Debug)]
pub struct UserTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// The partition key of the table of users.
pub(crate) const USER_ID: &str = "user_id";
/// An id that no user has. DynamoDB requires at least one character.
const NOBODY: &str = "-";
/// The maximum time that [`UserTable::prepare`] takes when a process starts.
const PREPARATION: Duration = Duration::from_millis(500);
/// The condition that the user exists.
pub(crate) const IS_THERE: &str = "attribute_exists(user_id)";

impl FindUser for UserTable {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let key = (USER_ID, id.as_str());
        let item: Option<UserItem> = read("read user", &self.client, &self.name, key).await?;
        Ok(item.map(User::from))
    }
}

impl UserTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Calls DynamoDB for the first time, before there is a request. Without this call, the first request would have to
    /// wait for the connection, and for what the SDK prepares at its first call. An error is ignored, because the first
    /// request calls DynamoDB again.
    pub async fn prepare(&self) {
        drop(timeout(PREPARATION, self.find_nobody().send()).await);
    }

    /// Returns a request for an item that does not exist.
    pub(crate) fn find_nobody(&self) -> GetItemFluentBuilder {
        self.client
            .get_item()
            .table_name(&self.name)
            .key(USER_ID, AttributeValue::S(NOBODY.to_owned()))
            .projection_expression(USER_ID)
    }

    /// Disables a user and adds one to their epoch. Returns the new epoch, or `None` if there is no such user.
    pub(crate) async fn disable(&self, id: &UserId) -> Result<Option<u64>, StoreError> {
        const OPERATION: &str = "disable user";
        let update = self
            .update(id)
            .update_expression("SET #status = :status ADD epoch :one")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", AttributeValue::S(Status::Disabled.as_str().to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew);
        let output = match update.send().await {
            Ok(output) => output,
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                return Ok(None);
            }
            Err(error) => return Err(unavailable(OPERATION, &error)),
        };
        let epoch = output
            .attributes()
            .and_then(|new| new.get("epoch")?.as_n().ok()?.parse().ok());
        epoch.map(Some).ok_or_else(|| malformed(OPERATION))
    }

    /// Lets a user log in again. A deletion by the owner is undone.
    pub(crate) async fn enable(&self, id: &UserId) -> Result<bool, StoreError> {
        let update = self
            .update(id)
            .update_expression("SET #status = :status REMOVE delete_at")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", AttributeValue::S(Status::Enabled.as_str().to_owned()));
        update_if("enable user", update).await
    }

    /// Returns an update that adds one to a user's epoch and records the time, if `condition` holds.
    pub(crate) fn raise_epoch_update(&self, id: &UserId, condition: &str, now: Timestamp) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .key(USER_ID, key(id))
            .condition_expression(condition)
            .update_expression("SET epoch_raised_at = :raised_at ADD epoch :one")
            .expression_attribute_values(":raised_at", AttributeValue::N(now.get().to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
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
            .update(id)
            .update_expression("SET #name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value);
        update_if(operation, update).await
    }

    /// Returns the start of an update of a user. Its condition is that the user exists.
    fn update(&self, id: &UserId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .key(USER_ID, key(id))
            .condition_expression(IS_THERE)
    }
}

/// Converts a user's id to an attribute.
pub(crate) fn key(id: &UserId) -> AttributeValue {
    AttributeValue::S(id.to_string())
}
