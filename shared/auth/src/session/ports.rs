//! What is needed of the store of sessions.

use std::future::Future;

use claims::{SessionId, Timestamp, UserId};

use crate::{
    error::StoreError,
    session::{Alive, ClientDetails, LiveSession, RefreshAttempt, RefreshRule, RevokeReason, Rotation, Session},
};

/// What became of a conditional write on a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was written; this is the session now.
    Written(Session),
    /// Its condition did not hold, so nothing was written; this is the session as it was found, if there is one.
    Unchanged(Option<Session>),
}

/// Opens sessions; what a login needs.
///
/// Law: a session that is there already is left as it is, so that a request which arrives late or twice never brings
/// back what was rotated or revoked since.
pub trait OpenSessions: Sync {
    /// Adds a session under an id that was never used for another one.
    fn create(&self, session: &Session) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Moves sessions on; what a refresh needs.
///
/// Laws: each operation takes effect wholly or not at all, in one order that all callers see. One whose answer was lost
/// may be repeated, and then finds its own work done: that counts as written by it.
pub trait RotateSessions: Sync {
    /// Rotates the session of `presented` to what [`Session::rotated`] says, exactly when [`Session::decide`] says
    /// [`crate::session::Decision::Rotate`] of the stored session and its epoch is the presented one.
    fn rotate(
        &self,
        presented: &RefreshAttempt,
        rotation: &Rotation,
        rule: &RefreshRule,
    ) -> impl Future<Output = Result<Change, StoreError>> + Send;

    /// Notes that a late replay was forgiven, as [`Session::recovered`] says, if nothing moved since `seen` was read.
    fn recover(&self, seen: &Session, now: Timestamp) -> impl Future<Output = Result<Change, StoreError>> + Send;
}

/// Revokes sessions; what a logout needs, and a refresh that finds a theft.
///
/// Law: a session is revoked once and for ever; the first reason stays.
pub trait RevokeSessions: Sync {
    /// Revokes a session. Where there is none, or it was revoked before, nothing changes.
    fn revoke(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        reason: RevokeReason,
        now: Timestamp,
    ) -> impl Future<Output = Result<Change, StoreError>> + Send;
}

/// Finds one session; what a logout of more than one session needs.
///
/// Law: a change is seen by every read that starts after it returned.
pub trait FindSession: Sync {
    /// The session, over or not, read consistently.
    fn session(
        &self,
        user_id: &UserId,
        sid: &SessionId,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;
}

/// Looks for the sessions that a logout of all others would end.
///
/// Law: a change is seen by every read that starts after it returned.
pub trait FindOtherSession: Sync {
    /// Whether the user has another session of this one's epoch that is alive, read consistently; of a user with very
    /// many that are over, it may be said that there is one.
    fn has_other(&self, session: &Session, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Looks at which sessions a user has; what a login needs that keeps their number down.
///
/// Laws: a change is seen by every read that starts after it returned. The cost of a read does not grow with the number of
/// sessions that are kept: it is one page of the [`crate::session::LOOKED_AT`] newest ones.
pub trait FindLiveSessions: Sync {
    /// The sessions that are alive of the newest ones that are kept, the newest first, read consistently.
    fn live(&self, alive: Alive<'_>) -> impl Future<Output = Result<Vec<LiveSession>, StoreError>> + Send;
}

/// A session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// Which it is.
    pub sid: SessionId,
    /// When the user gave their password.
    pub created_at: Timestamp,
    /// When it last handed out a token.
    pub last_used_at: Timestamp,
    /// What is known of the client that logged in.
    pub client: ClientDetails,
}

/// Some of the sessions of a user, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPage {
    /// The sessions; there may be none on a page that is not the last.
    pub sessions: Vec<ListedSession>,
    /// The session before which the next page goes on, towards the older ones; nothing on the last page.
    pub next: Option<SessionId>,
}

/// Lists sessions page by page; what a user's own list needs.
///
/// Laws: a change is seen by every read that starts after it returned. A session that is alive from the first page to the
/// last is on exactly one of them.
pub trait ListSessions: Sync {
    /// The newest page, or the one that goes on before a session: those that are alive of the next `most_read` sessions
    /// that are kept, or of fewer where they are long, read consistently.
    fn page(
        &self,
        alive: Alive<'_>,
        before: Option<&SessionId>,
        most_read: usize,
    ) -> impl Future<Output = Result<SessionPage, StoreError>> + Send;
}

/// Ends all sessions of a user but one, in one step.
///
/// Law: both or neither of its two writes.
pub trait KeepOneSession: Sync {
    /// Adds one to the user's epoch and to this session's, if both still are what the session says and it is not
    /// revoked, and notes when; whether they were.
    fn keep_only(&self, session: &Session, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Removes sessions; what the removal of their user needs.
///
/// Law: none that was there when it began is there when it returned, whatever it looks like, and nobody else's is touched.
pub trait RemoveSessions: Sync {
    /// Removes every session of a user.
    fn remove_sessions(&self, user_id: &UserId) -> impl Future<Output = Result<(), StoreError>> + Send;
}
