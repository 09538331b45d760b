//! Listing, moving and removing users and sessions, in memory.

use std::ops::Bound;

use claims::UserId;

use super::{Memory, Tables};
use auth::{
    accounts::{MoveUser, PageUsers, RemoveUser, UserPage},
    confirm_address::MoveAddress,
    error::StoreError,
    mail::{QueueNotice as _, QueuedNotice},
    password::PasswordRecord,
    session::RemoveSessions,
    user::Email,
};

/// The maximum number of users on a page. It is so low that some tests read several pages.
const PAGE: usize = 16;

impl PageUsers for Memory {
    async fn page(&self, after: Option<&str>) -> Result<UserPage, StoreError> {
        let after = after
            .map(UserId::parse)
            .transpose()
            .map_err(|_| StoreError::Malformed {
                operation: "list users",
            })?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let tables = self.tables();
        let users: Vec<_> = tables.users.range((from, Bound::Unbounded)).take(PAGE).collect();
        Ok(UserPage {
            next: users.get(PAGE - 1).map(|(id, _)| id.to_string()),
            users: users.into_iter().map(|(_, user)| user.clone()).collect(),
        })
    }
}

impl MoveUser for Memory {
    async fn move_to(&self, credentials: &PasswordRecord, from: &Email, to: &Email) -> Result<bool, StoreError> {
        let Tables {
            credentials: stored,
            users,
            ..
        } = &mut *self.tables();
        let is_same = stored.get(from.normalised()) == Some(credentials);
        let is_free = !stored.contains_key(to.normalised());
        let (Some(user), true) = (users.get_mut(&credentials.user_id), is_same && is_free) else {
            return Ok(false);
        };
        to.typed().clone_into(&mut user.email);
        stored.remove(from.normalised());
        stored.insert(to.normalised().to_owned(), credentials.clone());
        Ok(true)
    }

    async fn show_as(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        Ok(self.change_user(id, |user| email.typed().clone_into(&mut user.email)))
    }
}

impl MoveAddress for Memory {
    async fn move_address(
        &self,
        credentials: &PasswordRecord,
        from: &Email,
        to: &Email,
        notice: &QueuedNotice,
    ) -> Result<bool, StoreError> {
        let is_moved = self.move_to(credentials, from, to).await?;
        if is_moved {
            self.queue_notice(notice).await?;
        }
        Ok(is_moved)
    }
}

impl RemoveUser for Memory {
    async fn remove(&self, id: &UserId, email: &Email) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let stored = tables.credentials.get(email.normalised());
        let is_theirs = stored.is_some_and(|stored| stored.user_id == *id) && tables.users.contains_key(id);
        if is_theirs {
            tables.credentials.remove(email.normalised());
            tables.users.remove(id);
            tables.removed.insert(id.clone());
        }
        Ok(is_theirs)
    }
}

impl RemoveSessions for Memory {
    async fn remove_sessions(&self, user_id: &UserId) -> Result<(), StoreError> {
        self.tables().sessions.retain(|(of, _), _| of != user_id);
        Ok(())
    }
}
