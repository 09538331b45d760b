//! Opening, rotating, revoking and finding sessions, in memory.

use auth::{
    error::StoreError,
    session::{
        Alive, Change, Decision, FindLastLogin, FindLiveSessions, FindOtherSession, FindSession, LOOKED_AT,
        ListSessions, ListedSession, LiveSession, OpenSessions, RefreshAttempt, RefreshRule, RevokeReason,
        RevokeSessions, RotateSessions, Rotation, Session, SessionPage,
    },
};
use claims::{SessionId, Timestamp, UserId};

use super::Memory;

impl Memory {
    /// Returns the number of stored sessions, ended ones included.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.tables().sessions.len()
    }
}

impl OpenSessions for Memory {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let key = (session.user_id.clone(), session.sid.clone());
        self.tables().sessions.entry(key).or_insert_with(|| session.clone());
        Ok(())
    }
}

impl FindLastLogin for Memory {
    async fn last_login(&self, user_id: &UserId) -> Result<Option<Timestamp>, StoreError> {
        let tables = self.tables();
        let mut own = tables.sessions.iter().filter(|((of, _), _)| of == user_id);
        Ok(own.next_back().map(|(_, newest)| newest.created_at))
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
            |session| session.decide(generation, now, rule) == Decision::Rotate,
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
                    created_at: session.created_at,
                    last_used_at: session.last_used_at(),
                    client: session.client.clone(),
                })
                .collect(),
        })
    }
}
