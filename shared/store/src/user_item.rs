//! Users as items of their table.

use auth::user::{Status, User};
use claims::{Role, Scope, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user as an item, without the credentials.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserItem(#[serde(with = "Attributes")] User);

/// The attributes of the item, one for each field of [`User`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "User")]
struct Attributes {
    /// The partition key.
    #[serde(rename = "user_id")]
    id: UserId,
    /// The address as it was typed.
    email: String,
    role: Role,
    #[serde(rename = "scopes", default)]
    scope: Scope,
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
        Self(user.clone())
    }
}

impl From<UserItem> for User {
    fn from(item: UserItem) -> Self {
        item.0
    }
}
