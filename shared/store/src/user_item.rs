//! Users and their credentials as items of the `Users` table.

use auth::{Credentials, Email, PasswordHash, Status, User};
use claims::{Role, Scope, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The key of the item that holds an address's credentials.
pub(crate) fn credentials_key(email: &Email) -> String {
    format!("email#{}", email.normalised())
}

/// The key of a user's item.
pub(crate) fn user_key(id: &UserId) -> String {
    format!("{USER_PREFIX}{id}")
}

/// What the keys of all users' items begin with.
pub(crate) const USER_PREFIX: &str = "user#";

/// `email#<normalised>`: what a user logs in with.
#[derive(Serialize, Deserialize)]
pub(crate) struct CredentialsItem {
    key: String,
    user_id: UserId,
    password_hash: String,
    password_changed_at: Timestamp,
}

impl CredentialsItem {
    pub(crate) fn new(email: &Email, credentials: &Credentials) -> Self {
        Self {
            key: credentials_key(email),
            user_id: credentials.user_id.clone(),
            password_hash: credentials.password_hash.expose().to_owned(),
            password_changed_at: credentials.password_changed_at,
        }
    }
}

impl From<CredentialsItem> for Credentials {
    fn from(item: CredentialsItem) -> Self {
        Self {
            user_id: item.user_id,
            password_hash: PasswordHash::from_stored(item.password_hash),
            password_changed_at: item.password_changed_at,
        }
    }
}

/// `user#<user_id>`: everything else about a user.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserItem {
    key: String,
    user_id: UserId,
    email: String,
    role: Role,
    #[serde(default)]
    scopes: Scope,
    #[serde(default)]
    custom_claims: Map<String, Value>,
    status: Status,
    #[serde(default)]
    epoch: u64,
    created_at: Timestamp,
}

impl From<&User> for UserItem {
    fn from(user: &User) -> Self {
        Self {
            key: user_key(&user.id),
            user_id: user.id.clone(),
            email: user.email.clone(),
            role: user.role.clone(),
            scopes: user.scope.clone(),
            custom_claims: user.custom_claims.clone(),
            status: user.status,
            epoch: user.epoch,
            created_at: user.created_at,
        }
    }
}

impl From<UserItem> for User {
    fn from(item: UserItem) -> Self {
        Self {
            id: item.user_id,
            email: item.email,
            role: item.role,
            scope: item.scopes,
            custom_claims: item.custom_claims,
            status: item.status,
            epoch: item.epoch,
            created_at: item.created_at,
        }
    }
}
