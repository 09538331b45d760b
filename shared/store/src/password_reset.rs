//! Setting a new password, which writes the credentials, the user's epoch and a notice together.

use auth::{
    error::StoreError,
    factor::Spend,
    mail::{Notice, QueuedNotice},
    password::PasswordRecord,
    reset_password::ResetPassword,
    user::{Email, FactorKinds},
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use claims::Moment;

use crate::{
    Accounts, FactorTable, MailTable,
    credentials::hash,
    factor_changes::{add_seen_kinds, kinds_condition, spend_writes},
    fault::malformed,
    item::to_update,
};

/// The four tables to which a reset of a password writes.
#[derive(Clone, Debug)]
pub struct PasswordResets {
    accounts: Accounts,
    factors: FactorTable,
    outbox: MailTable,
}

impl PasswordResets {
    /// Combines the tables of users and credentials with those of second factors and of requested mails.
    #[must_use]
    pub const fn new(accounts: Accounts, factors: FactorTable, outbox: MailTable) -> Self {
        Self {
            accounts,
            factors,
            outbox,
        }
    }
}

impl ResetPassword for PasswordResets {
    async fn reset(
        &self,
        email: &Email,
        seen: &PasswordRecord,
        new: &PasswordRecord,
        factors: FactorKinds,
        spend: Option<&Spend>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "reset password";
        let Accounts { users, credentials } = &self.accounts;
        let condition = "user_id = :id AND password_hash = :old AND password_changed_at = :seen_at";
        let seen_at = AttributeValue::N(seen.password_changed_at.get().to_string());
        let replaced = credentials
            .replace_update(email, new, condition)
            .expression_attribute_values(":old", hash(&seen.password_hash))
            .expression_attribute_values(":seen_at", seen_at);
        let raised = users.raise_epoch_update(&new.user_id, kinds_condition(factors), new.password_changed_at);
        let raised = add_seen_kinds(raised, factors);
        let notice = QueuedNotice::new(new.user_id.clone(), Notice::PasswordReset, now);
        let notice = to_update(OPERATION, &self.outbox.notice_update(&notice))?;
        let [replaced, raised] = [replaced, raised].map(|update| update.build().map_err(|_| malformed(OPERATION)));
        let writes = [replaced?, raised?, notice].map(|update| TransactWriteItem::builder().update(update).build());
        let mut writes = Vec::from(writes);
        if let Some(spend) = spend {
            let outbox = Some(&self.outbox);
            writes.extend(spend_writes(
                OPERATION,
                &self.factors,
                outbox,
                &new.user_id,
                spend,
                now,
            )?);
        }
        self.accounts.transact(OPERATION, writes).await
    }
}
