//! Removing deleted accounts once they are due.

use claims::{Moment, Timestamp};

use crate::{
    attempts::PseudonymKey,
    deletion::{Deletion, FindDeletions, ForgetAddress, RemoveDeleted},
    error::StoreError,
    session::RemoveSessions,
    user::FindUser,
};

/// The number of deletions that are read at once.
const PAGE: u16 = 25;

/// What became of a page of deletions that were due.
#[derive(Debug)]
pub struct Removals {
    /// Each deletion, with whether the account was removed. It is not removed if the deletion was undone. After an error,
    /// the next run tries again.
    pub outcomes: Vec<(Deletion, Result<bool, StoreError>)>,
    /// Where the next page starts, or `None` if this is the last.
    pub next: Option<Deletion>,
}

/// Removes the accounts on a page of the deletions that are due: the first page, or the one after `after`. Sessions,
/// counts and requests for mail are removed before the account, so after an interruption, the next run finds the account
/// again. An account that cannot be removed does not hold up the others.
///
/// # Errors
/// If the deletions cannot be read.
pub async fn remove_deleted(
    after: Option<&Deletion>,
    now: Moment,
    pseudonyms: &PseudonymKey,
    users: &impl FindUser,
    sessions: &impl RemoveSessions,
    records: &impl ForgetAddress,
    deletions: &(impl FindDeletions + RemoveDeleted),
) -> Result<Removals, StoreError> {
    let due = deletions.due(after, now.timestamp(), PAGE).await?;
    let next = due.get(usize::from(PAGE).saturating_sub(1)).cloned();
    let mut outcomes = Vec::with_capacity(due.len());
    for deletion in due {
        let removed = remove(
            &deletion,
            now.timestamp(),
            pseudonyms,
            users,
            sessions,
            records,
            deletions,
        )
        .await;
        outcomes.push((deletion, removed));
    }
    Ok(Removals { outcomes, next })
}

/// Removes an account, if the deletion is still wanted and due. Returns whether it was removed.
async fn remove(
    deletion: &Deletion,
    now: Timestamp,
    pseudonyms: &PseudonymKey,
    users: &impl FindUser,
    sessions: &impl RemoveSessions,
    records: &impl ForgetAddress,
    deletions: &impl RemoveDeleted,
) -> Result<bool, StoreError> {
    let user = users.user(&deletion.user_id).await?;
    let user = user.filter(|user| user.delete_at == Some(deletion.delete_at) && deletion.delete_at <= now);
    let Some(user) = user else {
        deletions.drop_deletion(deletion).await?;
        return Ok(false);
    };
    let email = user.own_address()?;
    sessions.remove_sessions(&user.id).await?;
    records.forget(&pseudonyms.hash_address(&email), &user.id).await?;
    if !deletions.remove_deleted(deletion, &email).await? {
        // The deletion was undone in the meantime, or the credentials are not those of the user. The next run finds out.
        return Err(StoreError::Malformed {
            operation: "remove account",
        });
    }
    Ok(true)
}
