//! The table of credentials, which has one item for each address.

use auth::{
    error::StoreError,
    password::{FindPassword, PasswordHash, PasswordRecord, UpgradeHash},
    user::Email,
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{
        AttributeValue, ConditionCheck, Delete, ReturnValuesOnConditionCheckFailure, Update,
        builders::{ConditionCheckBuilder, DeleteBuilder, UpdateBuilder},
    },
};

use crate::{
    credentials_item::CredentialsItem,
    item::{condition_held, read},
};

/// The table of credentials: partition key `email`, a string, which is the address in its normal form.
#[derive(Clone, Debug)]
pub struct CredentialsTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// The partition key of the table of credentials.
pub(crate) const EMAIL: &str = "email";

impl FindPassword for CredentialsTable {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        let key = (EMAIL, email.normalised());
        let item: Option<CredentialsItem> = read("read credentials", &self.client, &self.name, key).await?;
        Ok(item.map(PasswordRecord::from))
    }
}

impl UpgradeHash for CredentialsTable {
    async fn upgrade(&self, email: &Email, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(EMAIL, key(email))
            .condition_expression("password_hash = :old")
            .update_expression("SET password_hash = :new")
            .expression_attribute_values(":old", hash(old))
            .expression_attribute_values(":new", hash(new))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            // Each hash has its own salt. If the new one is found, an earlier try of this call wrote it.
            Err(SdkError::ServiceError(service)) if finds(service.err(), new) => Ok(true),
            sent => condition_held("upgrade hash", sent),
        }
    }
}

impl CredentialsTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Returns an update that replaces the credentials under an address if `condition` holds. In `condition`, `:id` is
    /// the id of the user in the new credentials.
    pub(crate) fn replace_update(&self, email: &Email, credentials: &PasswordRecord, condition: &str) -> UpdateBuilder {
        let changed_at = credentials.password_changed_at.get().to_string();
        Update::builder()
            .table_name(&self.name)
            .key(EMAIL, key(email))
            .condition_expression(condition)
            .update_expression("SET password_hash = :hash, password_changed_at = :changed_at")
            .expression_attribute_values(":id", AttributeValue::S(credentials.user_id.to_string()))
            .expression_attribute_values(":hash", hash(&credentials.password_hash))
            .expression_attribute_values(":changed_at", AttributeValue::N(changed_at))
    }

    /// Returns a check that `condition` holds for the credentials under an address.
    pub(crate) fn check(&self, email: &Email, condition: &str) -> ConditionCheckBuilder {
        ConditionCheck::builder()
            .table_name(&self.name)
            .key(EMAIL, key(email))
            .condition_expression(condition)
    }

    /// Returns a request to delete the credentials under an address.
    pub(crate) fn delete_request(&self, email: &Email) -> DeleteBuilder {
        Delete::builder().table_name(&self.name).key(EMAIL, key(email))
    }
}

/// Returns whether the condition of an update failed on credentials that already have this hash.
fn finds(error: &UpdateItemError, wanted: &PasswordHash) -> bool {
    let UpdateItemError::ConditionalCheckFailedException(failure) = error else {
        return false;
    };
    let found = failure.item.as_ref().and_then(|item| item.get("password_hash"));
    found == Some(&hash(wanted))
}

/// Converts a hash to an attribute.
pub(crate) fn hash(hash: &PasswordHash) -> AttributeValue {
    AttributeValue::S(hash.expose().to_owned())
}

fn key(email: &Email) -> AttributeValue {
    AttributeValue::S(email.normalised().to_owned())
}
