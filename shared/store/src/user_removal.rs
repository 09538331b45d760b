//! The removal of a user and of their sessions, which are found by their keys, whatever else is in them.

use auth::{Email, RemoveSessions, RemoveUser, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, builders::DeleteBuilder};
use claims::UserId;

use crate::{
    SessionTable, UserTable,
    fault::{malformed, unavailable},
    transaction::transact,
    user_item::{credentials_key, user_key},
};

impl RemoveUser for UserTable {
    async fn remove(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove user";
        let delete = |key| {
            Delete::builder()
                .table_name(&self.name)
                .key("key", AttributeValue::S(key))
        };
        let write = |delete: DeleteBuilder| {
            let delete = delete.build().map_err(|_| malformed(OPERATION))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        };
        let credentials = delete(credentials_key(email))
            .condition_expression("user_id = :id")
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()));
        let user = delete(user_key(id))
            .condition_expression("attribute_exists(#key)")
            .expression_attribute_names("#key", "key");
        let writes = vec![write(credentials)?, write(user)?];
        transact(OPERATION, self.transaction(writes)).await
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
