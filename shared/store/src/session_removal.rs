//! Removing all sessions of a user, 25 per call. Only their keys are read, so malformed ones are removed too.

use std::{collections::HashMap, time::Duration};

use auth::{error::StoreError, session::RemoveSessions};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use claims::UserId;

use crate::{
    SessionTable,
    fault::{malformed, unavailable},
};

const OPERATION: &str = "remove sessions";
/// The maximum number of items that DynamoDB accepts in one call.
const BATCH: usize = 25;
/// The wait before unprocessed items are sent again. It doubles after each call without progress.
const PAUSE: Duration = Duration::from_millis(50);
/// The maximum number of calls in a row that process nothing. The waits after these calls take about 3 seconds in all.
const MAX_PAUSES: u32 = 5;

impl RemoveSessions for SessionTable {
    async fn remove_sessions(&self, user_id: &UserId) -> Result<(), StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("user_id = :user_id")
            .projection_expression("user_id, sid")
            .expression_attribute_values(":user_id", AttributeValue::S(user_id.to_string()))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| unavailable(OPERATION, &error))?;
            let writes = page.items.unwrap_or_default().into_iter().map(delete_request);
            let writes: Vec<WriteRequest> = writes.collect::<Result<_, _>>()?;
            for batch in writes.chunks(BATCH) {
                self.write_all(batch.to_vec()).await?;
            }
        }
        Ok(())
    }
}

impl SessionTable {
    /// Sends these writes, and resends the ones that DynamoDB did not process, until none is left.
    async fn write_all(&self, mut left: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut pauses = 0_u32;
        while !left.is_empty() {
            let sent = left.len();
            let request = self.client.batch_write_item().request_items(&self.name, left);
            let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
            let unprocessed = output.unprocessed_items.unwrap_or_default();
            left = unprocessed.into_values().flatten().collect();
            pauses = if left.len() < sent { 0 } else { pauses.saturating_add(1) };
            if pauses > MAX_PAUSES {
                return Err(throttled_error());
            }
            if !left.is_empty() {
                tokio::time::sleep(PAUSE.saturating_mul(2_u32.saturating_pow(pauses))).await;
            }
        }
        Ok(())
    }
}

fn delete_request(key: HashMap<String, AttributeValue>) -> Result<WriteRequest, StoreError> {
    let request = DeleteRequest::builder().set_key(Some(key)).build();
    let request = request.map_err(|_| malformed(OPERATION))?;
    Ok(WriteRequest::builder().delete_request(request).build())
}

/// Returns the error for the case that DynamoDB answers but processes nothing for too long.
fn throttled_error() -> StoreError {
    StoreError::Unavailable {
        operation: OPERATION,
        cause: "DynamoDB processed nothing".to_owned(),
    }
}
