//! Exporting users with all their stored data, for another system or another Gatehouse.

use claims::UserId;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    accounts::PageUsers,
    error::StoreError,
    password::{FindPassword, PasswordRecord},
    user::{Email, FindUser, User},
};

/// How many reads run at once.
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
    /// Where the next page starts. The last page has none.
    pub next: Option<String>,
}

/// Why users could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A user has an address without credentials. No use case causes this.
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
    users: &(impl PageUsers + FindPassword + FindUser),
) -> Result<ExportedPage, ExportError> {
    let page = users.page(after).await?;
    let exported = stream::iter(page.users).map(|user| export_user(user, users));
    let exported: Vec<Option<ExportedUser>> = exported.buffered(AT_ONCE).try_collect().await?;
    Ok(ExportedPage {
        users: exported.into_iter().flatten().collect(),
        next: page.next,
    })
}

/// Returns the user with their credentials, found by their present address. Returns `None` if the user is gone.
async fn export_user(
    mut user: User,
    users: &(impl FindPassword + FindUser),
) -> Result<Option<ExportedUser>, ExportError> {
    loop {
        let credentials = match Email::parse(&user.email) {
            Ok(email) => users.password_record(&email).await?,
            Err(_) => None,
        };
        if let Some(credentials) = credentials.filter(|found| found.user_id == user.id) {
            return Ok(Some(ExportedUser { user, credentials }));
        }
        // The user changed their address since the page was read, or was deleted.
        let Some(now) = users.user(&user.id).await? else {
            return Ok(None);
        };
        if now.email == user.email {
            return Err(ExportError::NoCredentials { user_id: user.id });
        }
        user = now;
    }
}
