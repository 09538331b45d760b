//! The ports to the store of sessions.

use std::future::Future;

use claims::{SessionId, Timestamp, UserId};

use crate::{
    error::StoreError,
    session::{Alive, ClientDetails, LiveSession, RefreshAttempt, RefreshRule, RevokeReason, Rotation, Session},
};

/// The result of a conditional write to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The write took effect, with this session as its result.
    Written(Session),
    /// The condition did not hold, so nothing was written. This is the stored session, if there is one.
    Unchanged(Option<Session>),
}

/// Opens sessions. A login needs this.
///
/// Law: a session that already exists is left as it is, so that a late or repeated request never undoes a rotation or a
/// revocation.
pub trait OpenSessions: Sync {
    /// Adds a session. Its id must be new: no other session may ever have had it.
    fn create(&self, session: &Session) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Rotates and recovers sessions. A refresh needs this.
///
/// Laws: each operation takes effect as a whole or not at all, and all callers see the operations in the same order. An
/// operation whose answer was lost may be repeated. If its first try took effect and the session has not changed since,
/// the repeated one returns [`Change::Written`].
///
/// No operation compares the session's epoch with its user's. The caller does this before it hands out a token.
pub trait RotateSessions: Sync {
    /// Rotates the session of `presented` as [`Session::rotated`] does. It does so if and only if
    /// [`Session::decide`] returns [`crate::session::Decision::Rotate`] for the stored session.
    fn rotate(
        &self,
        presented: &RefreshAttempt,
        rotation: &Rotation,
        rule: &RefreshRule,
    ) -> impl Future<Output = Result<Change, StoreError>> + Send;

    /// Records that a late replay was forgiven, as [`Session::recovered`] does, if the session has not changed since
    /// `seen` was read.
    fn recover(&self, seen: &Session, now: Timestamp) -> impl Future<Output = Result<Change, StoreError>> + Send;
}

/// Revokes sessions. A login, a logout, a refresh that detects a theft, and a user or an operator who ends one session
/// need this.
///
/// Law: a revoked session stays revoked, with its first reason and time.
pub trait RevokeSessions: Sync {
    /// Revokes a session. If there is none, or it was revoked before, nothing changes.
    fn revoke(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        reason: RevokeReason,
        now: Timestamp,
    ) -> impl Future<Output = Result<Change, StoreError>> + Send;
}

/// Finds one session. A refresh, a change of password and a logout of more than one session need this.
///
/// Law: a change is seen by every read that starts after the change has returned.
pub trait FindSession: Sync {
    /// Reads a session consistently and returns it, even if it is over. Returns `None` if there is none.
    fn session(
        &self,
        user_id: &UserId,
        sid: &SessionId,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;
}

/// Looks for the sessions that a logout of all other sessions would end.
///
/// Law: a change is seen by every read that starts after the change has returned.
pub trait FindOtherSession: Sync {
    /// Returns whether the user has another live session of the same epoch. The read is consistent. For a user with
    /// very many ended sessions, the answer may be `true` although there is none.
    fn has_other(&self, session: &Session, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Reads a user's live sessions. A login needs this to limit their number.
///
/// Laws: a change is seen by every read that starts after the change has returned. The cost of a read does not grow
/// with the number of stored sessions: only the [`crate::session::LOOKED_AT`] newest ones are read.
pub trait FindLiveSessions: Sync {
    /// Reads the newest stored sessions consistently, and returns the live ones among them, newest first.
    fn live(&self, alive: Alive<'_>) -> impl Future<Output = Result<Vec<LiveSession>, StoreError>> + Send;
}

/// A session as shown in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// The id of the session.
    pub sid: SessionId,
    /// When the session began.
    pub created_at: Timestamp,
    /// When the session last handed out a token.
    pub last_used_at: Timestamp,
    /// What is known about the client that logged in.
    pub client: ClientDetails,
}

/// A page of a user's sessions, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPage {
    /// The sessions. A page that is not the last may be empty.
    pub sessions: Vec<ListedSession>,
    /// The session at which this page ends. The next page has the sessions older than this one. `None` means that there
    /// is no next page.
    pub next: Option<SessionId>,
}

/// Lists sessions page by page. A user's own list needs this.
///
/// Laws: a change is seen by every read that starts after the change has returned. A session that stays alive while all
/// pages are read is on exactly one of them.
pub trait ListSessions: Sync {
    /// Returns the newest page, or the page of the sessions older than `before`. The read is consistent. A page has the
    /// live sessions among the next `most_read` stored sessions, or among fewer if these are large.
    fn page(
        &self,
        alive: Alive<'_>,
        before: Option<&SessionId>,
        most_read: usize,
    ) -> impl Future<Output = Result<SessionPage, StoreError>> + Send;
}

/// Finds a user's last login. An operator needs this.
///
/// Law: a session counts whether or not it is over, as long as it is stored.
pub trait FindLastLogin: Sync {
    /// Returns when the user's newest stored session began, read consistently, or `None` if no session is stored.
    fn last_login(&self, user_id: &UserId) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;
}

/// Ends all sessions of a user but one, in one step.
///
/// Law: the writes to the user and to the session both take effect, or neither does.
pub trait KeepOneSession: Sync {
    /// Adds one to the user's epoch and to this session's, and records the time. It does so only if both stored epochs
    /// still equal that of `session` and the session is not revoked. Returns whether the epochs were raised.
    fn keep_only(&self, session: &Session, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes sessions. The removal of a user needs this.
///
/// Law: every session of the user that existed at the start is gone at the end, even a malformed one, and no other
/// user's session is touched.
pub trait RemoveSessions: Sync {
    /// Removes every session of a user.
    fn remove_sessions(&self, user_id: &UserId) -> impl Future<Output = Result<(), StoreError>> + Send;
}
