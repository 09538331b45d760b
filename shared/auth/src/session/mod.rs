//! Sessions: logins, and all tokens that follow from them.

mod begin;
mod caller;
mod cap;
mod caution;
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
pub(crate) use begin::{Beginning, Begun, NewIds, begin, begin_with};
pub(crate) use caller::{LiveCaller, live_caller};
pub(crate) use cap::run_beside;
pub use cap::{EndedSessions, LOOKED_AT, LiveSession};
pub use caution::Caution;
pub(crate) use device::{BoundDevice, KnownDevice, RememberedFactor, is_device_token, issue_device, known_device};
pub use device::{Devices, IssuedDevice};
pub use issue::{IssuedTokens, access_draft};
pub use list::{MAX_LIST, SessionError, list_sessions, revoke_session};
pub use list_limit::{ListLimit, TooManyLists};
pub use logout::{Logout, LogoutScope, logout};
pub use ports::{
    Change, FindLastLogin, FindLiveSessions, FindOtherSession, FindSession, KeepOneSession, ListSessions,
    ListedSession, OpenSessions, RemoveSessions, RevokeSessions, RotateSessions, SessionPage,
};
pub use refresh::{RefreshError, Refreshed, RefreshedBy, refresh};
pub use rule::{Decision, Recovery, RefreshRule};

use claims::{Amr, SessionId, Span, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How long after the login a session counts as fresh. Stolen sessions can use up the attempts of older sessions, but
/// not those of a fresh one. A user can therefore always change their password: they log in again first.
pub(crate) const FRESH: Span = Span::seconds(10 * 60);

/// One login, and all tokens that follow from it. One record is enough for all refresh tokens of a session, since every
/// generation before the current one is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user_id: UserId,
    /// The id of the session.
    pub sid: SessionId,
    /// The current generation. Every earlier one is spent.
    pub generation: u64,
    /// The `iat` of the current refresh token.
    pub issued_at: Timestamp,
    /// When a refresh last handed out the current generation. It is `None` until the first refresh.
    pub delivered_at: Option<Timestamp>,
    /// When a refresh last handed out the previous generation, or `None` if none did.
    pub previous_delivered_at: Option<Timestamp>,
    /// The generation that was current when a late replay was last forgiven. It is `None` if no replay was forgiven.
    pub recovered_generation: Option<u64>,
    /// The `exp` of the current refresh token. The session ends at that time, unless it is refreshed before.
    pub idle_expires_at: Timestamp,
    /// When the session ends, even if it is refreshed.
    pub expires_at: Timestamp,
    /// The user's epoch at login, or when this session last ended all others. The session is over once the user's epoch
    /// is higher.
    pub epoch: u64,
    /// When and why the session was revoked, if it was.
    pub revoked: Option<(Timestamp, RevokeReason)>,
    /// When the session began.
    pub created_at: Timestamp,
    /// When the user last authenticated in this session.
    pub auth_time: Timestamp,
    /// The methods by which the user has authenticated in this session.
    pub amr: Amr,
    /// What is known about the client that logged in.
    pub client: ClientDetails,
    /// Whether the session began with a login without a known device. It is `false` for the session that a registration
    /// begins.
    pub is_new_device: bool,
}

/// What is known about the client that logged in, for the list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientDetails {
    /// The IP address of the client, as the gateway saw it.
    pub ip: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The name that the user gave to the client.
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
    /// The user or an operator chose this session and ended it.
    Revoked,
    /// A login brought the user above the limit of sessions, and this session was one of the least recently used.
    Evicted,
    /// The login failed after it had stored the session, so nobody has the session's tokens.
    Undelivered,
}

/// A query for those sessions of a user that can still be refreshed.
#[derive(Clone, Copy, Debug)]
pub struct Alive<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The user's current epoch.
    pub epoch: u64,
    /// The current time.
    pub now: Timestamp,
}

/// An attempt to refresh a session with a verified refresh token.
#[derive(Clone, Debug)]
pub struct RefreshAttempt {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub sid: SessionId,
    /// The generation of the token.
    pub generation: u64,
    /// The current time.
    pub now: Timestamp,
}

/// The new expiry that a rotation writes.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The `exp` of the next refresh token, unless the session ends earlier.
    pub idle_expires_at: Timestamp,
}

impl Alive<'_> {
    /// Returns whether the query matches this session: it is the user's, has the user's epoch and can still be
    /// refreshed.
    #[must_use]
    pub fn includes(&self, session: &Session) -> bool {
        session.user_id == *self.user_id && session.epoch == self.epoch && !session.is_over(self.now)
    }
}

impl Session {
    /// Returns when the session last handed out a token: at its last refresh, or at login.
    #[must_use]
    pub fn last_used_at(&self) -> Timestamp {
        self.delivered_at.unwrap_or(self.created_at)
    }

    /// Returns this session after a rotation at `now`, for a token of generation `presented`.
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

    /// Returns whether this session is the result of [`Session::rotated`] for `presented`. If the answer to a rotation
    /// is lost, the rotation is sent again, and this function shows whether the first try took effect. It returns
    /// `false` if the session has been rotated, recovered or revoked since. The epoch is not compared, because a logout
    /// of all other sessions may have raised it.
    #[must_use]
    pub fn is_left_by(&self, presented: &RefreshAttempt, rotation: &Rotation) -> bool {
        self.generation == presented.generation.saturating_add(1)
            && self.issued_at == presented.now
            && self.delivered_at == Some(presented.now)
            && self.recovered_generation != Some(self.generation)
            && self.idle_expires_at == rotation.idle_expires_at.min(self.expires_at)
            && self.revoked.is_none()
    }

    /// Returns this session after a late replay was forgiven at `now`.
    #[must_use]
    pub fn recovered(&self, now: Timestamp) -> Self {
        Self {
            recovered_generation: Some(self.generation),
            delivered_at: Some(now),
            ..self.clone()
        }
    }
}
