//! A session: one login and all that descends from it.

mod begin;
mod cap;
mod device;
mod ending;
mod issue;
mod list;
mod list_limit;
mod logout;
mod ports;
mod refresh;
mod rule;

pub use begin::{BeginError, Issuing};
pub(crate) use begin::{Beginning, NewIds, begin};
pub(crate) use cap::beside;
pub use cap::{EndedSessions, LOOKED_AT, LiveSession};
pub use device::IssuedDevice;
pub(crate) use device::{BoundDevice, is_device_token, issue_device, known_device};
pub use issue::IssuedTokens;
pub use list::{MAX_LIST, SessionError, list_sessions, revoke_session};
pub use list_limit::{ListLimit, TooManyLists};
pub use logout::{Logout, LogoutScope, logout};
pub use ports::{
    Change, FindLiveSessions, FindOtherSession, FindSession, KeepOneSession, ListSessions, ListedSession, OpenSessions,
    RemoveSessions, RevokeSessions, RotateSessions, SessionPage,
};
pub use refresh::{RefreshError, Refreshed, RefreshedBy, refresh};
pub use rule::{Decision, InvalidRecovery, Recovery, RefreshRule};

use claims::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// One login and all that descends from it: the chain of refresh tokens is one record, since every generation before
/// the current one is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user_id: UserId,
    /// Which it is.
    pub sid: SessionId,
    /// The current generation; every earlier one is revoked.
    pub generation: u64,
    /// The `iat` of the current refresh token.
    pub issued_at: Timestamp,
    /// When the current generation was last handed out by a refresh; never, straight after login.
    pub delivered_at: Option<Timestamp>,
    /// When the generation before this one was.
    pub previous_delivered_at: Option<Timestamp>,
    /// The generation in which a late replay was last forgiven.
    pub recovered_generation: Option<u64>,
    /// The `exp` of the current refresh token: the end of the session unless it is refreshed before.
    pub idle_expires_at: Timestamp,
    /// The end of the session, refreshed or not.
    pub expires_at: Timestamp,
    /// The user's epoch at login; the session is over when the user's has moved on.
    pub epoch: u64,
    /// When and why it was revoked.
    pub revoked: Option<(Timestamp, RevokeReason)>,
    /// When the user gave their password.
    pub auth_time: Timestamp,
    /// What is known of the client that logged in.
    pub client: ClientDetails,
}

/// What is known of the client that logged in, for the list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientDetails {
    /// Its source address, as the gateway saw it.
    pub ip: Option<String>,
    /// Its `User-Agent`.
    pub user_agent: Option<String>,
    /// The name that the user gave it.
    pub label: Option<String>,
}

/// Why a session was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RevokeReason {
    /// The user logged out.
    Logout,
    /// A spent refresh token was presented too late to be a retry.
    Theft,
    /// The user or an operator picked it from the list of sessions.
    Revoked,
    /// The user logged in and had too many sessions, of which this was the least recently used.
    Evicted,
    /// The store did not say whether it was written, so its login failed and nobody holds its tokens.
    Undelivered,
}

/// Which sessions of a user are asked for: those that can still be refreshed.
#[derive(Clone, Copy, Debug)]
pub struct Alive<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The user's epoch, just read.
    pub epoch: u64,
    /// When.
    pub now: Timestamp,
}

/// A verified refresh token at the moment it is presented, with the user's epoch of that moment.
#[derive(Clone, Debug)]
pub struct RefreshAttempt {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub sid: SessionId,
    /// The generation of the token.
    pub generation: u64,
    /// The user's epoch, just read.
    pub epoch: u64,
    /// When.
    pub now: Timestamp,
}

/// What a rotation writes.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The `exp` of the next refresh token, if the session's end does not come before.
    pub idle_expires_at: Timestamp,
}

impl Alive<'_> {
    /// Whether this session is one of them.
    #[must_use]
    pub fn includes(&self, session: &Session) -> bool {
        session.user_id == *self.user_id && session.epoch == self.epoch && !session.is_over(self.now)
    }
}

impl Session {
    /// When it last handed out a token: at its last refresh, or at login.
    #[must_use]
    pub fn last_used_at(&self) -> Timestamp {
        self.delivered_at.unwrap_or(self.auth_time)
    }

    /// This session after a rotation that generation `presented` caused at `now`.
    #[must_use]
    pub fn rotated(&self, presented: u64, now: Timestamp, rotation: &Rotation) -> Self {
        Self {
            generation: self.generation.max(presented).saturating_add(1),
            issued_at: now,
            delivered_at: Some(now),
            previous_delivered_at: self.delivered_at,
            idle_expires_at: rotation.idle_expires_at.min(self.expires_at),
            ..self.clone()
        }
    }

    /// Whether this is what [`Session::rotated`] makes of a session for `presented`: what a rotation finds whose first
    /// answer was lost, unless something else happened since.
    #[must_use]
    pub fn is_left_by(&self, presented: &RefreshAttempt, rotation: &Rotation) -> bool {
        self.generation == presented.generation.saturating_add(1)
            && self.issued_at == presented.now
            && self.delivered_at == Some(presented.now)
            && self.recovered_generation != Some(self.generation)
            && self.idle_expires_at == rotation.idle_expires_at.min(self.expires_at)
            && self.epoch == presented.epoch
            && self.revoked.is_none()
    }

    /// This session after a late replay was forgiven at `now`.
    #[must_use]
    pub fn recovered(&self, now: Timestamp) -> Self {
        Self {
            recovered_generation: Some(self.generation),
            delivered_at: Some(now),
            ..self.clone()
        }
    }
}
