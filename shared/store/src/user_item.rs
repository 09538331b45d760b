//! Users as items of their table.

use auth::{
    error::StoreError,
    user::{FactorKinds, Status, User},
};
use claims::{Role, Scope, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_dynamo::{Item, from_item};
use serde_json::{Map, Value};

use crate::{fault::malformed, user_removal::IS_REMOVED};

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
    #[serde(default, skip_serializing_if = "FactorKinds::is_none")]
    factors: FactorKinds,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_at: Option<Timestamp>,
    #[serde(default)]
    epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch_raised_at: Option<Timestamp>,
    created_at: Timestamp,
}

/// Reads a user from an item of the table of users, as a stream delivers it. Returns `None` for the record of a removed
/// id.
///
/// # Errors
/// If the item is none of these.
pub fn read_user(item: &Item) -> Result<Option<User>, StoreError> {
    if item.get(IS_REMOVED).is_some() {
        return Ok(None);
    }
    let user: Result<UserItem, _> = from_item(item.clone());
    user.map(|item| Some(item.into())).map_err(|_| malformed("read user"))
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
