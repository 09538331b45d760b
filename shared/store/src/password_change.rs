//! Changing a password, which writes the credentials, the user's epoch, the session and two counts together.

use auth::{
    attempts::{Success, success_window},
    change_password::{ChangePassword, NewPassword, PasswordChanged},
    error::StoreError,
};
use claims::Moment;

use crate::{Attempts, CredentialsTable, Epochs, credentials::hash, fault::malformed, item::to_update};

/// The position, among the transaction's updates, of the update that counts the success.
const SUCCESS: usize = 4;

/// The four tables to which a password change writes.
#[derive(Clone, Debug)]
pub struct PasswordChanges {
    credentials: CredentialsTable,
    epochs: Epochs,
    attempts: Attempts,
}

impl PasswordChanges {
    /// Combines the table of credentials with the tables of users and sessions and the table of attempts.
    #[must_use]
    pub const fn new(credentials: CredentialsTable, epochs: Epochs, attempts: Attempts) -> Self {
        Self {
            credentials,
            epochs,
            attempts,
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
        let writes = vec![replaced, user, session, cleared, counted];
        Ok(match self.epochs.transact_by_write(OPERATION, writes).await? {
            None => PasswordChanged::Done,
            Some(SUCCESS) => PasswordChanged::TooMany(success_window(now).1),
            Some(_) => PasswordChanged::Overtaken,
        })
    }
}
