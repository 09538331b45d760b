//! Items with only a partition key: reading, adding and conditionally changing one.

use std::fmt::Debug;

use auth::error::StoreError;
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        get_item::GetItemOutput,
        update_item::{UpdateItemError, UpdateItemOutput, builders::UpdateItemFluentBuilder},
    },
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use crate::fault::{malformed, unavailable};

/// Reads the item with this key, with a consistent read.
pub(crate) async fn read<T: DeserializeOwned>(
    operation: &'static str,
    client: &Client,
    table: &str,
    (attribute, key): (&str, &str),
) -> Result<Option<T>, StoreError> {
    let GetItemOutput { item, .. } = client
        .get_item()
        .table_name(table)
        .key(attribute, AttributeValue::S(key.to_owned()))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| unavailable(operation, &error))?;
    item.map(|item| from_item(item).map_err(|_| malformed(operation)))
        .transpose()
}

/// Returns a write that adds an item as part of a transaction. The write fails if there is an item with the same key.
/// `key` is the name of the key's attribute.
pub(crate) fn put_new(
    operation: &'static str,
    table: &str,
    key: &str,
    item: impl Serialize,
) -> Result<TransactWriteItem, StoreError> {
    let item = to_item(item).map_err(|_| malformed(operation))?;
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(format!("attribute_not_exists({key})"))
        .build()
        .map_err(|_| malformed(operation))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Converts an update into one that can be part of a transaction.
pub(crate) fn to_update(operation: &'static str, update: &UpdateItemFluentBuilder) -> Result<Update, StoreError> {
    let input = update.as_input();
    Update::builder()
        .set_table_name(input.get_table_name().clone())
        .set_key(input.get_key().clone())
        .set_condition_expression(input.get_condition_expression().clone())
        .set_update_expression(input.get_update_expression().clone())
        .set_expression_attribute_names(input.get_expression_attribute_names().clone())
        .set_expression_attribute_values(input.get_expression_attribute_values().clone())
        .build()
        .map_err(|_| malformed(operation))
}

/// Sends an update and returns whether its condition held.
pub(crate) async fn update_if(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
    condition_held(operation, update.send().await)
}

/// Returns whether the condition of an update held.
pub(crate) fn condition_held<R: Debug + 'static>(
    operation: &'static str,
    sent: Result<UpdateItemOutput, SdkError<UpdateItemError, R>>,
) -> Result<bool, StoreError> {
    match sent {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(false),
        Err(error) => Err(unavailable(operation, &error)),
    }
}
