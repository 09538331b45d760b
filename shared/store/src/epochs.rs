//! Writes that end sessions by raising a user's epoch. One such write ends any number of sessions.

use auth::{
    error::StoreError,
    session::{KeepOneSession, Session},
    user::RaiseEpoch,
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::builders::TransactWriteItemsFluentBuilder,
    types::{AttributeValue, TransactWriteItem, Update},
};
use claims::{Timestamp, UserId};

use crate::{
    SessionTable, UserTable,
    fault::{malformed, unavailable},
    transaction::{transact, transact_by_write},
};

/// The table of users and the table of sessions, for changes to both.
#[derive(Clone, Debug)]
pub struct Epochs {
    client: Client,
    users: UserTable,
    sessions: SessionTable,
}

/// The condition that the user's epoch has not changed.
const SAME_EPOCH: &str = "epoch = :epoch";

impl Epochs {
    /// Combines the table of users with the table of sessions. Requests are sent with `client`.
    #[must_use]
    pub const fn new(client: Client, users: UserTable, sessions: SessionTable) -> Self {
        Self {
            client,
            users,
            sessions,
        }
    }

    /// Returns the updates that end all sessions of a user but one.
    pub(crate) fn keep_one_updates(
        &self,
        operation: &'static str,
        session: &Session,
        now: Timestamp,
    ) -> Result<[Update; 2], StoreError> {
        let session_update = self.sessions.raise_epoch_update(session).build();
        Ok([
            self.raise_user_update(operation, &session.user_id, session.epoch, now)?,
            session_update.map_err(|_| malformed(operation))?,
        ])
    }

    pub(crate) async fn transact(&self, operation: &'static str, updates: Vec<Update>) -> Result<bool, StoreError> {
        transact(operation, self.transaction(updates)).await
    }

    /// Makes these updates, all or none. Returns the position of the first update whose condition did not hold, or
    /// `None` if the updates were made.
    pub(crate) async fn transact_by_write(
        &self,
        operation: &'static str,
        updates: Vec<Update>,
    ) -> Result<Option<usize>, StoreError> {
        transact_by_write(operation, self.transaction(updates)).await
    }

    fn transaction(&self, updates: Vec<Update>) -> TransactWriteItemsFluentBuilder {
        let writes = updates
            .into_iter()
            .map(|update| TransactWriteItem::builder().update(update).build());
        self.client
            .transact_write_items()
            .set_transact_items(Some(writes.collect()))
    }

    fn raise_user_update(
        &self,
        operation: &'static str,
        id: &UserId,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Update, StoreError> {
        self.users
            .raise_epoch_update(id, SAME_EPOCH, now)
            .expression_attribute_values(":epoch", AttributeValue::N(epoch.to_string()))
            .build()
            .map_err(|_| malformed(operation))
    }
}

impl RaiseEpoch for Epochs {
    async fn raise(&self, id: &UserId, epoch: u64, now: Timestamp) -> Result<bool, StoreError> {
        const OPERATION: &str = "raise epoch";
        let update = self.raise_user_update(OPERATION, id, epoch, now)?;
        let sent = self
            .client
            .update_item()
            .table_name(update.table_name())
            .set_key(Some(update.key().clone()))
            .update_expression(update.update_expression())
            .set_condition_expression(update.condition_expression().map(str::to_owned))
            .set_expression_attribute_values(update.expression_attribute_values().cloned())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(unavailable(OPERATION, &error)),
        }
    }
}

impl KeepOneSession for Epochs {
    async fn keep_only(&self, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
        const OPERATION: &str = "keep one session";
        let writes = self.keep_one_updates(OPERATION, session, now)?;
        self.transact(OPERATION, writes.to_vec()).await
    }
}
