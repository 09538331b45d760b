//! Changing a password, which writes the credentials, the user's epoch, the session, two counts and a notice together.

use auth::{
    attempts::{Success, success_window},
    change_password::{ChangePassword, NewPassword, PasswordChanged},
    error::StoreError,
    mail::{Notice, QueuedNotice},
};
use claims::Moment;

use crate::{Attempts, CredentialsTable, Epochs, MailTable, credentials::hash, fault::malformed, item::to_update};

/// The position, among the transaction's updates, of the update that counts the success.
const SUCCESS: usize = 4;

/// The tables to which a password change writes: four, and that of requested mails if the deployment sends mail.
#[derive(Clone, Debug)]
pub struct PasswordChanges {
    credentials: CredentialsTable,
    epochs: Epochs,
    attempts: Attempts,
    outbox: Option<MailTable>,
}

impl PasswordChanges {
    /// Combines the table of credentials with the tables of users and sessions and the table of attempts. `outbox` is the
    /// table of requested mails, if there is one.
    #[must_use]
    pub const fn new(
        credentials: CredentialsTable,
        epochs: Epochs,
        attempts: Attempts,
        outbox: Option<MailTable>,
    ) -> Self {
        Self {
            credentials,
            epochs,
            attempts,
            outbox,
        }
    }
}

impl ChangePassword for PasswordChanges {
    async fn change(&self, change: NewPassword<'_>, now: Moment) -> Result<PasswordChanged, StoreError> {
        const OPERATION: &str = "change password";
        let NewPassword {
            email, new, session, ..
        } = change;
        let replaced = self
            .credentials
            .replace_update(email, new, "user_id = :id AND password_hash = :old")
            .expression_attribute_values(":old", hash(change.old))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let [user, session] = self
            .epochs
            .keep_one_updates(OPERATION, session, new.password_changed_at)?;
        let cleared = self.attempts.clear_update(change.lane);
        let counted = self
            .attempts
            .count_success_update(&Success::Change(new.user_id.clone()), now);
        let [cleared, counted] = [to_update(OPERATION, &cleared)?, to_update(OPERATION, &counted)?];
        let notice = QueuedNotice::new(new.user_id.clone(), Notice::PasswordChanged, now);
        let notice = self.outbox.as_ref().map(|outbox| outbox.notice_update(&notice));
        let notice = notice.map(|update| to_update(OPERATION, &update)).transpose()?;
        let mut writes = vec![replaced, user, session, cleared, counted];
        writes.extend(notice);
        Ok(match self.epochs.transact_by_write(OPERATION, writes).await? {
            None => PasswordChanged::Done,
            Some(SUCCESS) => PasswordChanged::TooMany(success_window(now).1),
            Some(_) => PasswordChanged::Overtaken,
        })
    }
}
