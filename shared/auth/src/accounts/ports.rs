//! What operators need of the stores of users and of passwords.

use std::future::Future;

use claims::{Role, UserId};

use crate::{
    error::StoreError,
    password::PasswordRecord,
    user::{Email, User},
};

/// Some of all users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPage {
    /// The users, in no particular order; there may be none on a page that is not the last.
    pub users: Vec<User>,
    /// What the next page comes after, in the store's own words; nothing on the last page.
    pub next: Option<String>,
}

/// Lists every user page by page; what an export needs.
///
/// Law: a user who is there from the first page to the last is on exactly one of them, as they were when it was read.
pub trait PageUsers: Sync {
    /// The first page, or the one that comes after another, read consistently.
    fn page(&self, after: Option<&str>) -> impl Future<Output = Result<UserPage, StoreError>> + Send;
}

/// Changes the address of users; what an operator needs.
///
/// Laws: an address belongs to one user at most, and a user has one, before, after and in between. A change of an unknown
/// user writes nothing and answers `false`.
pub trait MoveUser: Sync {
    /// Moves these credentials from one address to another, both as they are typed and as they are looked up: all of it if
    /// they still are what is at the one and nothing is at the other, and otherwise nothing; whether it was done.
    fn move_to(
        &self,
        credentials: &PasswordRecord,
        from: &Email,
        to: &Email,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Shows the user's address as it is typed here.
    fn show_as(&self, id: &UserId, email: &Email) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes users; what an operator needs.
///
/// Law: nobody else's address is ever removed.
pub trait RemoveUser: Sync {
    /// Removes a user and their credentials, both or neither, if this is their address; whether it was.
    fn remove(&self, id: &UserId, email: &Email) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Whether a user was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// The user is there now.
    Added,
    /// Someone has this address or this id already; nothing was written.
    Taken,
}

/// Adds users.
///
/// Law: an address and an id belong to one user at most.
pub trait AddUsers: Sync {
    /// Adds a user and their password, both or neither.
    fn add(
        &self,
        user: &User,
        email: &Email,
        password: &PasswordRecord,
    ) -> impl Future<Output = Result<Addition, StoreError>> + Send;
}

/// Changes what a user may do; what an operator needs.
///
/// Law: a change of an unknown user writes nothing and answers `false`, or nothing.
pub trait ChangeUsers: Sync {
    /// Changes a user's role.
    fn set_role(&self, id: &UserId, role: &Role) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Disables a user and raises their epoch, in one write. Returns the new epoch.
    fn disable(&self, id: &UserId) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Enables a user, and leaves their epoch as it is.
    fn enable(&self, id: &UserId) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Replaces a password that nobody was asked for, and ends all sessions of its user.
///
/// Law: a change of an unknown user writes nothing and answers `false`.
pub trait ReplacePassword: Sync {
    /// Replaces a user's password and raises their epoch, both or neither.
    fn replace_password(
        &self,
        email: &Email,
        password: &PasswordRecord,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
