//! Changing a password: credentials, epoch and session change together.

use auth::{
    change_password::ChangePassword,
    error::StoreError,
    password::{PasswordHash, PasswordRecord},
    session::Session,
    user::Email,
};

use crate::{CredentialsTable, Epochs, credentials::hash, fault::malformed};

/// The three tables that a change of password writes to.
#[derive(Clone, Debug)]
pub struct PasswordChanges {
    credentials: CredentialsTable,
    epochs: Epochs,
}

impl PasswordChanges {
    /// Combines the table of credentials with those of users and sessions.
    #[must_use]
    pub const fn new(credentials: CredentialsTable, epochs: Epochs) -> Self {
        Self { credentials, epochs }
    }
}

impl ChangePassword for PasswordChanges {
    async fn change(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &PasswordRecord,
        session: &Session,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "change password";
        let replaced = self
            .credentials
            .replace_update(email, new, "user_id = :id AND password_hash = :old")
            .expression_attribute_values(":old", hash(old))
            .build()
            .map_err(|_| malformed(OPERATION))?;
        let [user, session] = self
            .epochs
            .keep_one_updates(OPERATION, session, new.password_changed_at)?;
        self.epochs.transact(OPERATION, vec![replaced, user, session]).await
    }
}
