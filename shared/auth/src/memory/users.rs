//! What an operator does to all that is kept of a user, in memory.

use std::ops::Bound;

use claims::UserId;

use super::Memory;
use crate::{PageUsers, StoreError, UserPage};

/// So few users on a page that tests turn some.
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
