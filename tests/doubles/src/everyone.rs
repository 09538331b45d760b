//! All users of a store, and all that an operator does with them.

use auth::{
    accounts::{AddUsers, ChangeUsers, PageUsers, ReplacePassword},
    error::StoreError,
    password::FindPassword,
    user::{FindUser, User},
};

/// What an operator needs of a store of users.
pub trait Everyone: FindUser + FindPassword + AddUsers + ChangeUsers + ReplacePassword + PageUsers {}

impl<S: FindUser + FindPassword + AddUsers + ChangeUsers + ReplacePassword + PageUsers> Everyone for S {}

/// Every user, sorted by id.
///
/// # Errors
/// When the store fails.
pub async fn everyone(users: &impl PageUsers) -> Result<Vec<User>, StoreError> {
    let mut page = users.page(None).await?;
    let mut all = page.users;
    while let Some(next) = page.next {
        page = users.page(Some(&next)).await?;
        all.append(&mut page.users);
    }
    all.sort_by(|left, right| left.id.cmp(&right.id));
    Ok(all)
}
