//! Deletions of accounts in memory.

use std::ops::Bound;

use auth::{
    accounts::RemoveUser as _,
    attempts::{Lane, Pseudonym},
    deletion::{CancelDeletion, Deletion, FindDeletions, ForgetAddress, RemoveDeleted, ScheduleDeletion},
    error::StoreError,
    factor::Spend,
    mail::QueuedNotice,
    password::PasswordRecord,
    user::{Email, Status, User},
};
use claims::{Moment, Timestamp, UserId};

use super::{Memory, Tables, mail::add_notice, raise_epoch};

impl ScheduleDeletion for Memory {
    async fn schedule(
        &self,
        deletion: &Deletion,
        email: &Email,
        seen: &PasswordRecord,
        notice: &QueuedNotice,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let Tables {
            credentials,
            users,
            deletions,
            notices,
            ..
        } = &mut *self.tables();
        let is_same = credentials
            .get(email.normalised())
            .is_some_and(|stored| stored.user_id == seen.user_id && stored.password_hash == seen.password_hash);
        let user = users.get_mut(&deletion.user_id);
        let Some(user) = user.filter(|user| is_same && user.status == Status::Enabled) else {
            return Ok(false);
        };
        raise_epoch(user, now.timestamp());
        user.status = Status::Deleting;
        user.delete_at = Some(deletion.delete_at);
        deletions.insert(key(deletion));
        add_notice(notices, notice);
        Ok(true)
    }
}

impl CancelDeletion for Memory {
    async fn cancel(&self, deletion: &Deletion, spend: Option<&Spend>, now: Moment) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let user = tables.users.get(&deletion.user_id);
        let is_this = |user: &User| user.status == Status::Deleting && user.delete_at == Some(deletion.delete_at);
        if !user.is_some_and(is_this) || !tables.spend(&deletion.user_id, spend, now) {
            return Ok(false);
        }
        let Tables { users, deletions, .. } = &mut *tables;
        let Some(user) = users.get_mut(&deletion.user_id) else {
            return Ok(false);
        };
        user.status = Status::Enabled;
        user.delete_at = None;
        deletions.remove(&key(deletion));
        Ok(true)
    }
}

impl FindDeletions for Memory {
    async fn due(&self, after: Option<&Deletion>, now: Timestamp, limit: u16) -> Result<Vec<Deletion>, StoreError> {
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(key(after)));
        let tables = self.tables();
        let due = tables.deletions.range((after, Bound::Unbounded));
        let due = due.take_while(|(at, _)| *at <= now).take(usize::from(limit));
        Ok(due
            .map(|(at, user_id)| Deletion {
                user_id: user_id.clone(),
                delete_at: *at,
            })
            .collect())
    }
}

impl RemoveDeleted for Memory {
    async fn remove_deleted(&self, deletion: &Deletion, email: &Email) -> Result<bool, StoreError> {
        let is_due = |tables: &Tables| {
            let user = tables.users.get(&deletion.user_id);
            user.is_some_and(|user| user.delete_at == Some(deletion.delete_at))
        };
        if !is_due(&self.tables()) {
            return Ok(false);
        }
        let is_removed = self.remove(&deletion.user_id, email).await?;
        if is_removed {
            self.tables().deletions.remove(&key(deletion));
        }
        Ok(is_removed)
    }

    async fn drop_deletion(&self, deletion: &Deletion) -> Result<(), StoreError> {
        self.tables().deletions.remove(&key(deletion));
        Ok(())
    }
}

impl ForgetAddress for Memory {
    async fn forget(&self, address: &Pseudonym, user_id: &UserId) -> Result<(), StoreError> {
        let mut tables = self.tables();
        for record in Lane::records_of(address, user_id) {
            tables.attempts.remove(&record);
        }
        tables.mails.remove(address);
        tables.factors.remove(user_id);
        Ok(())
    }
}

fn key(deletion: &Deletion) -> (Timestamp, UserId) {
    (deletion.delete_at, deletion.user_id.clone())
}
