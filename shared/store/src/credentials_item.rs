//! Password records as items of their table.

use auth::{
    password::{PasswordHash, PasswordRecord},
    user::Email,
};
use claims::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// The credentials of a user, under their address.
#[derive(Serialize, Deserialize)]
pub(crate) struct CredentialsItem {
    /// The address in its normal form, which is the key.
    email: String,
    user_id: UserId,
    password_hash: String,
    password_changed_at: Timestamp,
}

impl CredentialsItem {
    pub(crate) fn new(email: &Email, credentials: &PasswordRecord) -> Self {
        Self {
            email: email.normalised().to_owned(),
            user_id: credentials.user_id.clone(),
            password_hash: credentials.password_hash.expose().to_owned(),
            password_changed_at: credentials.password_changed_at,
        }
    }
}

impl CredentialsItem {
    /// Returns the address in its normal form.
    pub(crate) fn email(&self) -> &str {
        &self.email
    }
}

impl From<CredentialsItem> for PasswordRecord {
    fn from(item: CredentialsItem) -> Self {
        Self {
            user_id: item.user_id,
            password_hash: PasswordHash::from_stored(item.password_hash),
            password_changed_at: item.password_changed_at,
        }
    }
}
