//! Users as items of their table.

use auth::user::{Status, User};
use claims::{Role, Scope, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user without credentials.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserItem {
    /// The partition key.
    user_id: UserId,
    /// The address as it was typed.
    email: String,
    role: Role,
    #[serde(default)]
    scopes: Scope,
    #[serde(default)]
    custom_claims: Map<String, Value>,
    status: Status,
    #[serde(default)]
    epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch_raised_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<&User> for UserItem {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id.clone(),
            email: user.email.clone(),
            role: user.role.clone(),
            scopes: user.scope.clone(),
            custom_claims: user.custom_claims.clone(),
            status: user.status,
            epoch: user.epoch,
            epoch_raised_at: user.epoch_raised_at,
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
            epoch_raised_at: item.epoch_raised_at,
            created_at: item.created_at,
        }
    }
}
