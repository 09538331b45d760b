//! Finding and replacing passwords, in memory.

use auth::{
    accounts::ReplacePassword,
    attempts::{Admission, Success, success_window},
    change_password::{ChangePassword, NewPassword, PasswordChanged},
    error::StoreError,
    factor::Spend,
    mail::{Notice, QueuedNotice},
    password::{FindPassword, FindPasswords, PasswordHash, PasswordRecord, UpgradeHash},
    reset_password::ResetPassword,
    user::{Email, FactorKinds},
};
use claims::Moment;

use super::{Memory, Tables, mail::add_notice, raise_epoch};

impl FindPassword for Memory {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        Ok(self.tables().credentials.get(email.normalised()).cloned())
    }
}

impl FindPasswords for Memory {}

impl UpgradeHash for Memory {
    async fn upgrade(&self, email: &Email, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let stored = tables.credentials.get_mut(email.normalised());
        let stored = stored.filter(|stored| stored.password_hash == *old);
        Ok(stored.map(|stored| stored.password_hash = new.clone()).is_some())
    }
}

impl ChangePassword for Memory {
    async fn change(&self, change: NewPassword<'_>, now: Moment) -> Result<PasswordChanged, StoreError> {
        let NewPassword { email, old, new, .. } = change;
        let mut tables = self.tables();
        let stored = tables.credentials.get(email.normalised());
        let is_same = stored.is_some_and(|stored| stored.user_id == new.user_id && stored.password_hash == *old);
        if !is_same || !tables.can_keep_only(change.session) {
            return Ok(PasswordChanged::Overtaken);
        }
        let success = Success::Change(new.user_id.clone());
        let (window, left) = success_window(now);
        let successes = tables.successes.entry((success.record(), window)).or_default();
        if successes.count(&success, now) != Admission::Admitted {
            return Ok(PasswordChanged::TooMany(left));
        }
        tables.keep_only(change.session, new.password_changed_at);
        tables.credentials.insert(email.normalised().to_owned(), new.clone());
        if let Some(record) = tables.attempts.get_mut(&change.lane.record()) {
            record.clear(change.lane);
        }
        let notice = QueuedNotice::new(new.user_id.clone(), Notice::PasswordChanged, now);
        add_notice(&mut tables.notices, &notice);
        Ok(PasswordChanged::Done)
    }
}

impl ResetPassword for Memory {
    async fn reset(
        &self,
        email: &Email,
        seen: &PasswordRecord,
        new: &PasswordRecord,
        factors: FactorKinds,
        spend: Option<&Spend>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let is_same = tables.credentials.get(email.normalised()) == Some(seen)
            && tables
                .users
                .get(&new.user_id)
                .is_some_and(|user| user.factors == factors);
        if !is_same || !tables.spend(&new.user_id, spend, now) {
            return Ok(false);
        }
        let Tables {
            credentials,
            users,
            notices,
            ..
        } = &mut *tables;
        let stored = credentials.get_mut(email.normalised());
        let (Some(stored), Some(user)) = (stored, users.get_mut(&new.user_id)) else {
            return Ok(false);
        };
        *stored = new.clone();
        raise_epoch(user, new.password_changed_at);
        add_notice(
            notices,
            &QueuedNotice::new(new.user_id.clone(), Notice::PasswordReset, now),
        );
        Ok(true)
    }
}

impl ReplacePassword for Memory {
    async fn replace_password(&self, email: &Email, credentials: &PasswordRecord) -> Result<bool, StoreError> {
        let id = &credentials.user_id;
        let replaced = match self.tables().credentials.get_mut(email.normalised()) {
            Some(stored) if stored.user_id == *id => {
                *stored = credentials.clone();
                true
            }
            _ => false,
        };
        Ok(replaced && self.change_user(id, |user| raise_epoch(user, credentials.password_changed_at)))
    }
}
