//! The table of deletions: accounts that their owners have deleted and that are not removed yet.

use auth::{
    deletion::{CancelDeletion, Deletion, FindDeletions, RemoveDeleted, ScheduleDeletion},
    error::StoreError,
    factor::Spend,
    mail::QueuedNotice,
    password::PasswordRecord,
    user::{Email, Status},
};
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Delete, Put, TransactWriteItem, Update, builders::UpdateBuilder},
};
use claims::{Moment, Timestamp, UserId};

use crate::{
    Accounts, FactorTable, MailTable,
    credentials::hash,
    factor_changes::spend_writes,
    fault::{malformed, unavailable},
    item::to_update,
    transaction::transact,
    users::{USER_ID, key},
};

/// The partition key of the table. All items have the same value, so that one query finds them by their time.
const LIST: &str = "list";
/// The value of [`LIST`].
const PENDING: &str = "pending";
/// The sort key of the table: the time of the removal in seconds since 1970, with ten digits, and the id of the user.
const DUE: &str = "due";

/// The tables to which a deletion writes: its own, those of users and credentials, that of second factors, and that of
/// requested mails if the deployment sends mail.
#[derive(Clone, Debug)]
pub struct Deletions {
    client: Client,
    name: String,
    accounts: Accounts,
    factors: Option<FactorTable>,
    outbox: Option<MailTable>,
}

impl Deletions {
    /// Combines the table of deletions with the tables of users and credentials. `outbox` is the table of requested
    /// mails, if there is one.
    #[must_use]
    pub const fn new(client: Client, name: String, accounts: Accounts, outbox: Option<MailTable>) -> Self {
        Self {
            client,
            name,
            accounts,
            factors: None,
            outbox,
        }
    }

    /// Adds the table of second factors, which a cancellation needs.
    #[must_use]
    pub fn with_factors(self, factors: FactorTable) -> Self {
        Self {
            factors: Some(factors),
            ..self
        }
    }

    async fn transact(&self, operation: &'static str, writes: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let request = self.client.transact_write_items();
        transact(operation, request.set_transact_items(Some(writes))).await
    }

    /// Returns the start of an update of a user who is being deleted. Its condition is that it is this deletion.
    fn user_update(&self, deletion: &Deletion) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.accounts.users.name)
            .key(USER_ID, key(&deletion.user_id))
            .condition_expression("#status = :deleting AND delete_at = :delete_at")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":deleting", status(Status::Deleting))
            .expression_attribute_values(":delete_at", seconds(deletion.delete_at))
    }

    fn delete_pending(&self, deletion: &Deletion) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .key(LIST, text(PENDING))
            .key(DUE, text(sort_key(deletion)))
            .build()
            .map_err(|_| malformed("drop deletion"))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

impl ScheduleDeletion for Deletions {
    async fn schedule(
        &self,
        deletion: &Deletion,
        email: &Email,
        seen: &PasswordRecord,
        notice: &QueuedNotice,
        now: Moment,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "schedule deletion";
        let Accounts { users, credentials } = &self.accounts;
        let user = users
            .raise_epoch_update(&deletion.user_id, "#status = :enabled", now.timestamp())
            .update_expression(
                "SET epoch_raised_at = :raised_at, #status = :deleting, delete_at = :delete_at ADD epoch :one",
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":enabled", status(Status::Enabled))
            .expression_attribute_values(":deleting", status(Status::Deleting))
            .expression_attribute_values(":delete_at", seconds(deletion.delete_at))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let same = credentials.check(email, "user_id = :id AND password_hash = :seen");
        let same = same
            .expression_attribute_values(":id", key(&deletion.user_id))
            .expression_attribute_values(":seen", hash(&seen.password_hash))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let pending = Put::builder()
            .table_name(&self.name)
            .item(LIST, text(PENDING))
            .item(DUE, text(sort_key(deletion)))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let mut writes = vec![
            TransactWriteItem::builder().update(user).build(),
            TransactWriteItem::builder().condition_check(same).build(),
            TransactWriteItem::builder().put(pending).build(),
        ];
        if let Some(outbox) = &self.outbox {
            let notice = to_update(OPERATION, &outbox.notice_update(notice))?;
            writes.push(TransactWriteItem::builder().update(notice).build());
        }
        self.transact(OPERATION, writes).await
    }
}

impl CancelDeletion for Deletions {
    async fn cancel(&self, deletion: &Deletion, spend: Option<&Spend>, now: Moment) -> Result<bool, StoreError> {
        const OPERATION: &str = "cancel deletion";
        let user = self
            .user_update(deletion)
            .update_expression("SET #status = :enabled REMOVE delete_at")
            .expression_attribute_values(":enabled", status(Status::Enabled))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let user = TransactWriteItem::builder().update(user).build();
        let mut writes = vec![user, self.delete_pending(deletion)?];
        if let Some(spend) = spend {
            let factors = self.factors.as_ref().ok_or_else(|| malformed(OPERATION))?;
            let (outbox, user_id) = (self.outbox.as_ref(), &deletion.user_id);
            writes.extend(spend_writes(OPERATION, factors, outbox, user_id, spend, now)?);
        }
        self.transact(OPERATION, writes).await
    }
}

impl FindDeletions for Deletions {
    async fn due(&self, after: Option<&Deletion>, now: Timestamp, limit: u16) -> Result<Vec<Deletion>, StoreError> {
        const OPERATION: &str = "find deletions";
        let after = after.map(|after| {
            let key = [(LIST, text(PENDING)), (DUE, text(sort_key(after)))];
            key.map(|(name, value)| (name.to_owned(), value)).into()
        });
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#list = :pending AND due < :end")
            .expression_attribute_names("#list", LIST)
            .expression_attribute_values(":pending", text(PENDING))
            .expression_attribute_values(":end", text(format!("{:010}", now.get().saturating_add(1))))
            .set_exclusive_start_key(after)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable(OPERATION, &error))?;
        let items = output.items.unwrap_or_default().into_iter();
        let read = items.map(|item| parse_sort_key(item.get(DUE)?.as_s().ok()?));
        read.collect::<Option<_>>().ok_or_else(|| malformed(OPERATION))
    }
}

impl RemoveDeleted for Deletions {
    async fn remove_deleted(&self, deletion: &Deletion, email: &Email) -> Result<bool, StoreError> {
        const OPERATION: &str = "remove account";
        let mut writes = self.accounts.removal_writes(
            OPERATION,
            &deletion.user_id,
            email,
            "delete_at = :delete_at",
            [(":delete_at", seconds(deletion.delete_at))],
        )?;
        writes.push(self.delete_pending(deletion)?);
        self.transact(OPERATION, writes).await
    }

    async fn drop_deletion(&self, deletion: &Deletion) -> Result<(), StoreError> {
        self.transact("drop deletion", vec![self.delete_pending(deletion)?])
            .await
            .map(drop)
    }
}

/// Returns the sort key of a deletion.
fn sort_key(deletion: &Deletion) -> String {
    format!("{:010}#{}", deletion.delete_at.get(), deletion.user_id)
}

/// Parses a sort key.
fn parse_sort_key(text: &str) -> Option<Deletion> {
    let (delete_at, user_id) = text.split_once('#')?;
    Some(Deletion {
        user_id: UserId::parse(user_id).ok()?,
        delete_at: Timestamp::new(delete_at.parse().ok()?),
    })
}

fn status(status: Status) -> AttributeValue {
    text(status.as_str())
}

fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.get().to_string())
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
