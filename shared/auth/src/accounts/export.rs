//! Users with all that is kept of them, for another system or another Gatehouse.

use claims::UserId;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    accounts::PageUsers,
    error::StoreError,
    password::{FindPassword, PasswordRecord},
    user::{Email, FindUser, User},
};

/// How many reads are under way at once.
const AT_ONCE: usize = 16;

/// A user with all that is kept of them but their sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedUser {
    /// What their tokens say of them.
    pub user: User,
    /// What they log in with.
    pub credentials: PasswordRecord,
}

/// Some of all users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPage {
    /// The users, in no particular order.
    pub users: Vec<ExportedUser>,
    /// What the next page comes after; nothing on the last page.
    pub next: Option<String>,
}

/// Why users could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A user has an address that nobody can log in with. No use-case leaves one behind.
    #[error("the user {user_id} has no credentials")]
    NoCredentials {
        /// Who it is.
        user_id: UserId,
    },
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The first page of all users, or the one that comes after another. A user who is there all the while is on one of them.
///
/// # Errors
/// When a user has no credentials, or the store fails.
pub async fn export_page(
    after: Option<&str>,
    users: &(impl PageUsers + FindPassword + FindUser),
) -> Result<ExportedPage, ExportError> {
    let page = users.page(after).await?;
    let exported = stream::iter(page.users).map(|user| exported(user, users));
    let exported: Vec<Option<ExportedUser>> = exported.buffered(AT_ONCE).try_collect().await?;
    Ok(ExportedPage {
        users: exported.into_iter().flatten().collect(),
        next: page.next,
    })
}

/// The user with their credentials, by the address that they have now; nothing when the user is gone.
async fn exported(mut user: User, users: &(impl FindPassword + FindUser)) -> Result<Option<ExportedUser>, ExportError> {
    loop {
        let credentials = match Email::parse(&user.email) {
            Ok(email) => users.password_record(&email).await?,
            Err(_) => None,
        };
        if let Some(credentials) = credentials.filter(|found| found.user_id == user.id) {
            return Ok(Some(ExportedUser { user, credentials }));
        }
        // They moved to another address since the page was read, or were deleted.
        let Some(now) = users.user(&user.id).await? else {
            return Ok(None);
        };
        if now.email == user.email {
            return Err(ExportError::NoCredentials { user_id: user.id });
        }
        user = now;
    }
}
