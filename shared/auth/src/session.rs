//! A session and the decision about a refresh token that is presented for it. Pure.

use std::str::FromStr;

use claims::{LEEWAY, Seconds, SessionId, Timestamp, UserId};
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
}

/// The two numbers of the refresh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRule {
    /// W: for how long after it was handed out a generation is given again instead of rotated.
    pub window: Seconds,
    /// Whether a lost answer is forgiven after that.
    pub recovery: Recovery,
}

/// Whether the parent of the current generation may come back later than the window, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It may, but never in two generations running.
    On,
    /// Late means theft.
    Off,
}

/// A word that is neither `on` nor `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be on or off")]
pub struct InvalidRecovery;

impl FromStr for Recovery {
    type Err = InvalidRecovery;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err(InvalidRecovery),
        }
    }
}

/// A verified refresh token at the moment it is presented, with the user's epoch of that moment.
#[derive(Clone, Debug)]
pub struct Presented {
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

/// What is to be done about a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Hand out the next generation.
    Rotate,
    /// Hand out the current generation again, byte for byte, and write nothing: tabs, retries, stragglers.
    Repeat,
    /// Hand out the current generation again, and note that a late replay was forgiven: an answer was lost.
    Recover,
    /// Revoke the session: a spent token came back too late, or once too often.
    Theft,
    /// Refuse and change nothing: the session is revoked or over.
    Refuse,
}

impl Session {
    /// Decides about generation `presented` of this session at `now`. Ages below zero count as zero.
    #[must_use]
    pub fn decide(&self, presented: u64, now: Timestamp, rule: &RefreshRule) -> Decision {
        if self.is_over(now) {
            return Decision::Refuse;
        }
        let delivered_within = |window| self.delivered_at.is_some_and(|at| now.since(at) <= window);
        let previous_within = |window| self.previous_delivered_at.is_some_and(|at| now.since(at) <= window);
        match self.generation.checked_sub(presented) {
            None => Decision::Rotate,
            Some(0) if !delivered_within(rule.window) => Decision::Rotate,
            Some(0) => Decision::Repeat,
            Some(1) if delivered_within(rule.window) => Decision::Repeat,
            Some(1) if self.may_recover(rule) => Decision::Recover,
            Some(2) if previous_within(rule.window.doubled()) => Decision::Repeat,
            Some(_) => Decision::Theft,
        }
    }

    /// When it last handed out a token: at its last refresh, or at login.
    #[must_use]
    pub fn last_used_at(&self) -> Timestamp {
        self.delivered_at.unwrap_or(self.auth_time)
    }

    /// Whether it can yield no token any more: revoked, idle for too long, or at its end.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked.is_some() || now >= self.expires_at || now >= self.idle_expires_at.plus(LEEWAY)
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

    /// This session after a late replay was forgiven at `now`.
    #[must_use]
    pub fn recovered(&self, now: Timestamp) -> Self {
        Self {
            recovered_generation: Some(self.generation),
            delivered_at: Some(now),
            ..self.clone()
        }
    }

    /// A late replay is never forgiven in two generations running: two who share a chain leave one in every generation,
    /// an honest client that lost an answer does not.
    fn may_recover(&self, rule: &RefreshRule) -> bool {
        let previous_was_recovered = self
            .recovered_generation
            .is_some_and(|recovered| recovered.saturating_add(1) == self.generation);
        rule.recovery == Recovery::On && !previous_was_recovered
    }
}
