//! The removal of a user and of their sessions, which are found by their keys, whatever else is in them.

use auth::{Email, RemoveSessions, RemoveUser, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use claims::UserId;

use crate::{
    Accounts, SessionTable,
    fault::{malformed, unavailable},
    users::{IS_THERE, USER_ID, key},
};

impl RemoveUser for Accounts {
    async fn remove(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove user";
        let credentials = self
            .credentials
            .deleted(email)
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

impl RemoveSessions for SessionTable {
    async fn remove_sessions(&self, user_id: &UserId) -> Result<(), StoreError> {
        const OPERATION: &str = "remove sessions";
        let mut keys = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("user_id = :user_id")
            .projection_expression("user_id, sid")
            .expression_attribute_values(":user_id", AttributeValue::S(user_id.to_string()))
            .into_paginator()
            .items()
            .send();
        while let Some(key) = keys.next().await {
            let key = key.map_err(|error| unavailable(OPERATION, &error))?;
            let delete = self.client.delete_item().table_name(&self.name).set_key(Some(key));
            delete.send().await.map_err(|error| unavailable(OPERATION, &error))?;
        }
        Ok(())
    }
}
