//! Stores in memory, for tests and examples. They obey the same laws as the real ones, without their latency.

mod attempts;
mod deletions;
mod factors;
mod feed;
mod mail;
mod passwords;
mod sessions;
mod users;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use auth::{
    accounts::{AddUsers, Addition, ChangeClaims, ChangeUsers},
    attempts::{AttemptRecord, Pseudonym, Successes},
    error::StoreError,
    factor::Factors,
    mail::MailBudget,
    password::PasswordRecord,
    session::{Change, KeepOneSession, Session},
    user::{Email, FindUser, RaiseEpoch, Status, User},
};
use claims::{KeySchedule, Role, Scope, SessionId, Timestamp, UserId};
use serde_json::{Map, Value};

use self::{
    feed::Announced,
    mail::{Mail, Notices},
};

/// All stores in memory.
#[derive(Debug, Default)]
pub struct Memory {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    credentials: BTreeMap<String, PasswordRecord>,
    users: BTreeMap<UserId, User>,
    /// The ids of removed users.
    removed: BTreeSet<UserId>,
    /// The deletions that wait, by the time of the removal.
    deletions: BTreeSet<(Timestamp, UserId)>,
    factors: BTreeMap<UserId, Factors>,
    sessions: BTreeMap<(UserId, SessionId), Session>,
    announced: Vec<Announced>,
    jwks: Option<String>,
    /// The schedules of keys by the `typ` of their tokens.
    schedules: BTreeMap<&'static str, KeySchedule>,
    snapshots: Vec<Vec<u8>>,
    attempts: BTreeMap<String, AttemptRecord>,
    sources: BTreeMap<(Pseudonym, u64), u64>,
    successes: BTreeMap<(String, u64), Successes>,
    announcements: BTreeMap<(UserId, u64), (u64, Option<Timestamp>)>,
    mails: BTreeMap<Pseudonym, Mail>,
    notices: Notices,
    sent: BTreeMap<(MailBudget, u64), u64>,
}

impl Memory {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the session with `change` if `condition` holds.
    fn update(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        condition: impl FnOnce(&Session) -> bool,
        change: impl FnOnce(&Session) -> Session,
    ) -> Change {
        match self.tables().sessions.get_mut(&(user_id.clone(), sid.clone())) {
            Some(session) if condition(session) => {
                *session = change(session);
                Change::Written(session.clone())
            }
            found => Change::Unchanged(found.cloned()),
        }
    }

    fn change_user(&self, id: &UserId, change: impl FnOnce(&mut User)) -> bool {
        self.tables().users.get_mut(id).map(change).is_some()
    }
}

impl FindUser for Memory {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        Ok(self.tables().users.get(id).cloned())
    }
}

fn raise_epoch(user: &mut User, now: Timestamp) {
    user.epoch = user.epoch.saturating_add(1);
    user.epoch_raised_at = Some(now);
}

impl RaiseEpoch for Memory {
    async fn raise(&self, id: &UserId, epoch: u64, now: Timestamp) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let user = tables.users.get_mut(id).filter(|user| user.epoch == epoch);
        Ok(user.map(|user| raise_epoch(user, now)).is_some())
    }
}

impl KeepOneSession for Memory {
    async fn keep_only(&self, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tables().keep_only(session, now))
    }
}

impl Tables {
    /// Returns whether the session can be kept: its stored epoch and that of its user still equal the epoch of
    /// `session`, and it is not revoked.
    fn can_keep_only(&self, session: &Session) -> bool {
        let key = (session.user_id.clone(), session.sid.clone());
        let is_same_user = self.users.get(&session.user_id).map(|user| user.epoch) == Some(session.epoch);
        let stored = self.sessions.get(&key).filter(|stored| stored.epoch == session.epoch);
        is_same_user && stored.is_some_and(|stored| stored.revoked.is_none())
    }

    fn keep_only(&mut self, session: &Session, now: Timestamp) -> bool {
        let key = (session.user_id.clone(), session.sid.clone());
        let is_kept = self.can_keep_only(session);
        if is_kept {
            self.users
                .entry(session.user_id.clone())
                .and_modify(|user| raise_epoch(user, now));
            let stored = self.sessions.entry(key);
            stored.and_modify(|stored| stored.epoch = stored.epoch.saturating_add(1));
        }
        is_kept
    }
}

impl AddUsers for Memory {
    async fn add(&self, user: &User, email: &Email, credentials: &PasswordRecord) -> Result<Addition, StoreError> {
        let mut tables = self.tables();
        let is_used = tables.users.contains_key(&user.id) || tables.removed.contains(&user.id);
        if is_used || tables.credentials.contains_key(email.normalised()) {
            return Ok(Addition::Taken);
        }
        tables
            .credentials
            .insert(email.normalised().to_owned(), credentials.clone());
        tables.users.insert(user.id.clone(), user.clone());
        Ok(Addition::Added)
    }
}

impl ChangeUsers for Memory {
    async fn set_role(&self, id: &UserId, role: &Role) -> Result<bool, StoreError> {
        Ok(self.change_user(id, |user| user.role = role.clone()))
    }

    async fn disable(&self, id: &UserId) -> Result<Option<u64>, StoreError> {
        let mut tables = self.tables();
        Ok(tables.users.get_mut(id).map(|user| {
            user.status = Status::Disabled;
            user.epoch = user.epoch.saturating_add(1);
            user.epoch
        }))
    }

    async fn enable(&self, id: &UserId) -> Result<bool, StoreError> {
        Ok(self.change_user(id, |user| {
            user.status = Status::Enabled;
            user.delete_at = None;
        }))
    }
}

impl ChangeClaims for Memory {
    async fn set_scope(&self, id: &UserId, scope: &Scope) -> Result<bool, StoreError> {
        Ok(self.change_user(id, |user| user.scope = scope.clone()))
    }

    async fn set_custom_claims(&self, id: &UserId, claims: &Map<String, Value>) -> Result<bool, StoreError> {
        Ok(self.change_user(id, |user| user.custom_claims.clone_from(claims)))
    }
}
