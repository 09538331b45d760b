//! Users, without their credentials.

mod custom_claims;
mod email;
mod event;
mod factor_kinds;
mod invisible;
mod ports;

pub use custom_claims::InvalidCustomClaims;
pub(crate) use custom_claims::check as check_custom_claims;
pub use email::{Email, InvalidEmail};
pub use event::{Attribute, UserEvent};
pub use factor_kinds::{FactorKinds, HasPasskey, HasTotp};
pub use invisible::is_invisible;
pub use ports::{FindUser, RaiseEpoch};

use claims::{Role, Scope, Timestamp, UserClaims, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::StoreError;

/// A user, with the claims of their access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id of the user. It is never reused for another person.
    pub id: UserId,
    /// The address as the user typed it, for display.
    pub email: String,
    /// The user's only role.
    pub role: Role,
    /// The user's permissions.
    pub scope: Scope,
    /// The claims that the operator added. None of them has a reserved name.
    pub custom_claims: Map<String, Value>,
    /// Whether the user may log in.
    pub status: Status,
    /// The kinds of second factor that the user has.
    pub factors: FactorKinds,
    /// When the account will be removed, if its owner has deleted it.
    pub delete_at: Option<Timestamp>,
    /// A number that is raised by one to end all sessions of the user at once.
    pub epoch: u64,
    /// When the epoch was last raised other than by disabling the user, or `None` if it never was.
    pub epoch_raised_at: Option<Timestamp>,
    /// When the user was added.
    pub created_at: Timestamp,
}

impl User {
    /// Makes a new user, who may log in and has no custom claims.
    #[must_use]
    pub fn new(id: UserId, new: NewUser, created_at: Timestamp) -> Self {
        Self {
            id,
            email: new.email.typed().to_owned(),
            role: new.role,
            scope: new.scope,
            custom_claims: Map::new(),
            status: Status::Enabled,
            factors: FactorKinds::None,
            delete_at: None,
            epoch: 0,
            epoch_raised_at: None,
            created_at,
        }
    }

    /// Returns the address as the user typed it.
    ///
    /// # Errors
    /// If the stored user has an invalid address.
    pub(crate) fn own_address(&self) -> Result<Email, StoreError> {
        Email::parse(&self.email).map_err(|_| StoreError::Malformed { operation: "read user" })
    }

    /// Returns the claims about the user in an access token.
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
    /// The user may log in and refresh.
    Enabled,
    /// The user may neither log in nor refresh.
    Disabled,
    /// The user has deleted the account and may neither log in nor refresh. Until [`User::delete_at`], a link from a
    /// letter undoes it.
    Deleting,
}

impl Status {
    /// Every status.
    pub const ALL: &[Self] = &[Self::Enabled, Self::Disabled, Self::Deleting];

    /// Returns whether the owner may still have the account: letters go to them, and they may set a new password. Only an
    /// operator ends that.
    #[must_use]
    pub const fn is_recoverable(self) -> bool {
        match self {
            Self::Enabled | Self::Deleting => true,
            Self::Disabled => false,
        }
    }

    /// Returns the name under which the status is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleting => "deleting",
        }
    }
}

/// A user to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The address they log in with.
    pub email: Email,
    /// The user's only role.
    pub role: Role,
    /// The user's permissions.
    pub scope: Scope,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_name() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
