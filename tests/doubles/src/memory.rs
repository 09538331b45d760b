//! Stores in memory, for tests and examples. They obey the laws of the real ones, without their latency.

mod attempts;
mod feed;
mod users;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use claims::{Role, SessionId, Timestamp, UserId};

use self::feed::Announced;
use auth::{
    accounts::{AddUsers, Addition, ChangeUsers, ReplacePassword},
    attempts::{AttemptRecord, Pseudonym, Successes},
    change_password::ChangePassword,
    error::StoreError,
    password::{FindPassword, PasswordHash, PasswordRecord, UpgradeHash},
    session::{
        Alive, Change, Decision, FindLiveSessions, FindOtherSession, FindSession, KeepOneSession, LOOKED_AT,
        ListSessions, ListedSession, LiveSession, OpenSessions, RefreshAttempt, RefreshRule, RevokeReason,
        RevokeSessions, RotateSessions, Rotation, Session, SessionPage,
    },
    user::{Email, FindUser, RaiseEpoch, Status, User},
};

/// Users and sessions in memory.
#[derive(Debug, Default)]
pub struct Memory {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    credentials: BTreeMap<String, PasswordRecord>,
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<(UserId, SessionId), Session>,
    announced: Vec<Announced>,
    jwks: Option<String>,
    snapshots: Vec<Vec<u8>>,
    attempts: BTreeMap<String, AttemptRecord>,
    sources: BTreeMap<(Pseudonym, u64), u64>,
    successes: BTreeMap<(String, u64), Successes>,
    announcements: BTreeMap<(UserId, u64), (u64, Option<Timestamp>)>,
}

impl Memory {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies `change` to the session if `condition` holds for it.
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

impl FindPassword for Memory {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        Ok(self.tables().credentials.get(email.normalised()).cloned())
    }
}

impl UpgradeHash for Memory {
    async fn upgrade(&self, email: &Email, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let stored = tables.credentials.get_mut(email.normalised());
        let stored = stored.filter(|stored| stored.password_hash == *old);
        Ok(stored.map(|stored| stored.password_hash = new.clone()).is_some())
    }
}

impl FindUser for Memory {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        Ok(self.tables().users.get(id).cloned())
    }
}

impl OpenSessions for Memory {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let key = (session.user_id.clone(), session.sid.clone());
        self.tables().sessions.entry(key).or_insert_with(|| session.clone());
        Ok(())
    }
}

impl RotateSessions for Memory {
    async fn rotate(
        &self,
        presented: &RefreshAttempt,
        rotation: &Rotation,
        rule: &RefreshRule,
    ) -> Result<Change, StoreError> {
        let RefreshAttempt { generation, now, .. } = *presented;
        Ok(self.update(
            &presented.user_id,
            &presented.sid,
            |session| session.epoch == presented.epoch && session.decide(generation, now, rule) == Decision::Rotate,
            |session| session.rotated(generation, now, rotation),
        ))
    }

    async fn recover(&self, seen: &Session, now: Timestamp) -> Result<Change, StoreError> {
        Ok(self.update(
            &seen.user_id,
            &seen.sid,
            |session| session == seen,
            |session| session.recovered(now),
        ))
    }
}

impl RevokeSessions for Memory {
    async fn revoke(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        reason: RevokeReason,
        now: Timestamp,
    ) -> Result<Change, StoreError> {
        Ok(self.update(
            user_id,
            sid,
            |session| session.revoked.is_none(),
            |session| Session {
                revoked: Some((now, reason)),
                ..session.clone()
            },
        ))
    }
}

impl FindSession for Memory {
    async fn session(&self, user_id: &UserId, sid: &SessionId) -> Result<Option<Session>, StoreError> {
        let key = (user_id.clone(), sid.clone());
        Ok(self.tables().sessions.get(&key).cloned())
    }
}

impl FindOtherSession for Memory {
    async fn has_other(&self, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
        let tables = self.tables();
        let of_user = tables
            .sessions
            .values()
            .filter(|other| other.user_id == session.user_id);
        let mut alive = of_user.filter(|other| other.epoch == session.epoch && !other.is_over(now));
        Ok(alive.any(|other| other.sid != session.sid))
    }
}

impl FindLiveSessions for Memory {
    async fn live(&self, alive: Alive<'_>) -> Result<Vec<LiveSession>, StoreError> {
        let tables = self.tables();
        let kept = tables
            .sessions
            .values()
            .filter(|session| session.user_id == *alive.user_id);
        let live = kept.rev().take(LOOKED_AT).filter(|session| alive.includes(session));
        let known = live.map(|session| LiveSession {
            sid: session.sid.clone(),
            last_used_at: session.last_used_at(),
        });
        Ok(known.collect())
    }
}

impl ListSessions for Memory {
    async fn page(
        &self,
        alive: Alive<'_>,
        before: Option<&SessionId>,
        most_read: usize,
    ) -> Result<SessionPage, StoreError> {
        let tables = self.tables();
        let kept = tables.sessions.values().rev();
        let kept = kept.filter(|session| session.user_id == *alive.user_id);
        let mut older = kept.filter(|session| before.is_none_or(|before| session.sid < *before));
        let read: Vec<&Session> = older.by_ref().take(most_read).collect();
        Ok(SessionPage {
            next: older.next().and(read.last()).map(|session| session.sid.clone()),
            sessions: read
                .into_iter()
                .filter(|session| alive.includes(session))
                .map(|session| ListedSession {
                    sid: session.sid.clone(),
                    created_at: session.auth_time,
                    last_used_at: session.last_used_at(),
                    client: session.client.clone(),
                })
                .collect(),
        })
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

impl ChangePassword for Memory {
    async fn change(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &PasswordRecord,
        session: &Session,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let stored = tables.credentials.get(email.normalised());
        let is_same = stored.is_some_and(|stored| stored.user_id == new.user_id && stored.password_hash == *old);
        if !is_same || !tables.keep_only(session, new.password_changed_at) {
            return Ok(false);
        }
        tables.credentials.insert(email.normalised().to_owned(), new.clone());
        Ok(true)
    }
}

impl Tables {
    fn keep_only(&mut self, session: &Session, now: Timestamp) -> bool {
        let Self { users, sessions, .. } = self;
        let key = (session.user_id.clone(), session.sid.clone());
        let user = users
            .get_mut(&session.user_id)
            .filter(|user| user.epoch == session.epoch);
        let stored = sessions.get_mut(&key).filter(|stored| stored.epoch == session.epoch);
        let (Some(user), Some(stored)) = (user, stored.filter(|stored| stored.revoked.is_none())) else {
            return false;
        };
        raise_epoch(user, now);
        stored.epoch = user.epoch;
        true
    }
}

impl AddUsers for Memory {
    async fn add(&self, user: &User, email: &Email, credentials: &PasswordRecord) -> Result<Addition, StoreError> {
        let mut tables = self.tables();
        if tables.credentials.contains_key(email.normalised()) || tables.users.contains_key(&user.id) {
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
        Ok(self.change_user(id, |user| user.status = Status::Enabled))
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
