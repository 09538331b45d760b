//! Listing all users of a store, and the ports for managing them.

use auth::{
    accounts::{AddUsers, ChangeClaims, ChangeUsers, PageUsers, ReplacePassword},
    error::StoreError,
    password::FindPasswords,
    user::{FindUser, User},
};

/// The ports that an operator needs from a store of users.
pub trait Everyone:
    FindUser + FindPasswords + AddUsers + ChangeUsers + ChangeClaims + ReplacePassword + PageUsers
{
}

impl<S: FindUser + FindPasswords + AddUsers + ChangeUsers + ChangeClaims + ReplacePassword + PageUsers> Everyone for S {}

/// Returns all users, sorted by id.
///
/// # Errors
/// If the store fails.
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
