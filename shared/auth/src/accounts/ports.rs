//! The ports through which operators manage users and passwords.

use std::future::Future;

use claims::{Role, Scope, UserId};
use serde_json::{Map, Value};

use crate::{
    error::StoreError,
    password::PasswordRecord,
    user::{Email, User},
};

/// A page of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPage {
    /// The users, in no particular order. A page that is not the last may be empty.
    pub users: Vec<User>,
    /// Where the next page starts, in the store's own format. It is `None` for the last page.
    pub next: Option<String>,
}

/// Lists all users page by page. An export needs this.
///
/// Law: a user who exists while all pages are read is on exactly one of them, with the data that the user had when that
/// page was read.
pub trait PageUsers: Sync {
    /// Returns the first page, or the page after `after`, read consistently.
    fn page(&self, after: Option<&str>) -> impl Future<Output = Result<UserPage, StoreError>> + Send;
}

/// Changes the address of users. An operator needs this.
///
/// Laws: an address belongs to at most one user, and a user has exactly one address, even during a change. A change of
/// an unknown user writes nothing and returns `false`.
pub trait MoveUser: Sync {
    /// Moves these credentials from one address to another, and changes the address that is displayed. It does so only
    /// if these are still the credentials under `from` and there are no credentials under `to`. Returns whether they
    /// were moved.
    fn move_to(
        &self,
        credentials: &PasswordRecord,
        from: &Email,
        to: &Email,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Changes how the user's address is displayed. Returns whether the user exists.
    fn show_as(&self, id: &UserId, email: &Email) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes users. An operator needs this.
///
/// Law: another user's address is never removed.
pub trait RemoveUser: Sync {
    /// Removes a user and their credentials, both or neither, but only if `email` is the user's address. Returns
    /// whether they were removed.
    fn remove(&self, id: &UserId, email: &Email) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// The result of adding a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// The user was added.
    Added,
    /// Another user has this address or this id. Nothing was written.
    Taken,
}

/// Adds users.
///
/// Law: each address and each id belongs to at most one user.
pub trait AddUsers: Sync {
    /// Adds a user and their password, both or neither.
    fn add(
        &self,
        user: &User,
        email: &Email,
        password: &PasswordRecord,
    ) -> impl Future<Output = Result<Addition, StoreError>> + Send;
}

/// Changes what a user may do. An operator needs this.
///
/// Law: a change of an unknown user writes nothing and returns `false` or `None`.
pub trait ChangeUsers: Sync {
    /// Changes a user's role. Returns whether the user exists.
    fn set_role(&self, id: &UserId, role: &Role) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Disables a user and raises their epoch in one write. Returns the new epoch, or `None` if the user is unknown.
    fn disable(&self, id: &UserId) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Enables a user and leaves their epoch as it is. Returns whether the user exists.
    fn enable(&self, id: &UserId) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Changes the claims of a user's tokens other than the role. An operator needs this.
///
/// Law: a change of an unknown user writes nothing and returns `false`.
pub trait ChangeClaims: Sync {
    /// Changes a user's permissions. Returns whether the user exists.
    fn set_scope(&self, id: &UserId, scope: &Scope) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Replaces all custom claims of a user. Returns whether the user exists.
    fn set_custom_claims(
        &self,
        id: &UserId,
        claims: &Map<String, Value>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Replaces a user's password without checking the current one, and ends all sessions of the user.
///
/// Law: a change of an unknown user writes nothing and returns `false`.
pub trait ReplacePassword: Sync {
    /// Replaces a user's password and raises their epoch, both or neither, but only if `email` is the user's address.
    /// Returns whether both were done.
    fn replace_password(
        &self,
        email: &Email,
        password: &PasswordRecord,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
