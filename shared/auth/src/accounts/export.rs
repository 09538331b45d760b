//! Exporting users with all their stored data except sessions, for another system or another installation of Gatehouse.

use claims::UserId;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    accounts::PageUsers,
    error::StoreError,
    password::{FindPassword, FindPasswords, PasswordRecord},
    user::{Email, FindUser, User},
};

/// How many users whose address has changed meanwhile are read at once.
const AT_ONCE: usize = 16;

/// A user with all their stored data except sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedUser {
    /// The user.
    pub user: User,
    /// The user's credentials.
    pub credentials: PasswordRecord,
}

/// A page of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPage {
    /// The users, in no particular order.
    pub users: Vec<ExportedUser>,
    /// Where the next page starts. It is `None` for the last page.
    pub next: Option<String>,
}

/// Why users could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There are no credentials under a user's address. No use case causes this.
    #[error("the user {user_id} has no credentials")]
    NoCredentials {
        /// The user.
        user_id: UserId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the first page of all users, or the page after `after`. A user who exists throughout the export is on
/// exactly one page.
///
/// # Errors
/// If a user has no credentials, or the store fails.
pub async fn export_page(
    after: Option<&str>,
    users: &(impl PageUsers + FindPasswords + FindUser),
) -> Result<ExportedPage, ExportError> {
    let page = users.page(after).await?;
    let emails: Vec<Option<Email>> = page.users.iter().map(|user| Email::parse(&user.email).ok()).collect();
    let valid: Vec<&Email> = emails.iter().flatten().collect();
    let mut records = users.password_records(&valid).await?.into_iter();
    let found = emails
        .iter()
        .map(|email| email.as_ref().and_then(|_| records.next().flatten()));
    let found: Vec<_> = page.users.into_iter().zip(found).collect();
    let exported = stream::iter(found).map(|(user, credentials)| export_user(user, credentials, users));
    let exported: Vec<Option<ExportedUser>> = exported.buffered(AT_ONCE).try_collect().await?;
    Ok(ExportedPage {
        users: exported.into_iter().flatten().collect(),
        next: page.next,
    })
}

/// Returns the user with their credentials, or `None` if the user is gone. `credentials` are those that were found under
/// the user's address.
async fn export_user(
    mut user: User,
    mut credentials: Option<PasswordRecord>,
    users: &(impl FindPassword + FindUser),
) -> Result<Option<ExportedUser>, ExportError> {
    loop {
        if let Some(credentials) = credentials.filter(|found| found.user_id == user.id) {
            return Ok(Some(ExportedUser { user, credentials }));
        }
        // The user's address was changed since the page was read, or the user was deleted.
        let Some(now) = users.user(&user.id).await? else {
            return Ok(None);
        };
        if now.email == user.email {
            return Err(ExportError::NoCredentials { user_id: user.id });
        }
        user = now;
        credentials = match Email::parse(&user.email) {
            Ok(email) => users.password_record(&email).await?,
            Err(_) => None,
        };
    }
}
