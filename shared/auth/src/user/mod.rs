//! Users as the service knows them, without their credentials.

mod custom_claims;
mod email;
mod invisible;
mod ports;

pub use custom_claims::InvalidCustomClaims;
pub(crate) use custom_claims::check as check_custom_claims;
pub use email::{Email, InvalidEmail};
pub use invisible::is_invisible;
pub use ports::{FindUser, RaiseEpoch};

use claims::{Role, Scope, Timestamp, UserClaims, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user and what their access tokens say of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Never reused for another person.
    pub id: UserId,
    /// As the user typed it, for show.
    pub email: String,
    /// The one role.
    pub role: Role,
    /// The permissions.
    pub scope: Scope,
    /// Claims that the operator added; none has a registered or reserved name.
    pub custom_claims: Map<String, Value>,
    /// Whether the user may log in.
    pub status: Status,
    /// Raised by one to end all the user's sessions at once.
    pub epoch: u64,
    /// When that was done last.
    pub epoch_raised_at: Option<Timestamp>,
    /// When the user was added.
    pub created_at: Timestamp,
}

impl User {
    /// What the user's access tokens say of them.
    #[must_use]
    pub fn claims(&self) -> UserClaims<'_> {
        UserClaims {
            scope: &self.scope,
            role: &self.role,
            email: &self.email,
            custom: &self.custom_claims,
        }
    }
}

/// Whether a user may log in and refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// May.
    Enabled,
    /// May not.
    Disabled,
}

/// What is said of a user when they are added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The address they log in with.
    pub email: Email,
    /// The one role.
    pub role: Role,
    /// The permissions.
    pub scope: Scope,
}
