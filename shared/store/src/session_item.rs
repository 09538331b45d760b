//! A session as an item of the `RefreshTokens` table.

use auth::{
    feed::retention,
    session::{ClientDetails, ListedSession, LiveSession, RevokeReason, Session},
};
use claims::{Amr, LEEWAY, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// The stored value of `delivered_at` and `previous_delivered_at` if nothing was delivered yet. It is a number, so that
/// an update can copy it.
pub(crate) const NEVER: u64 = 0;

/// Returns the Unix time in seconds from which DynamoDB may delete a session that is not used again: its refresh token
/// has expired by then.
pub(crate) const fn ttl(idle_expires_at: Timestamp) -> u64 {
    idle_expires_at.plus(LEEWAY).get()
}

/// Returns the Unix time in seconds from which DynamoDB may delete a revoked session, because its revocation no longer
/// matters. The session can be deleted before its tokens expire, because a missing session is treated like a revoked
/// one. So a user who opens and ends sessions all day leaves few items behind.
pub(crate) const fn ttl_of_revoked(at: Timestamp) -> u64 {
    at.plus(retention()).get()
}

/// The attributes of the item. `None` is not written, and unknown attributes are ignored when read.
#[derive(Serialize, Deserialize)]
pub(crate) struct SessionItem {
    user_id: UserId,
    sid: SessionId,
    #[serde(rename = "gen")]
    generation: u64,
    issued_at: Timestamp,
    /// When a refresh last handed out the current generation, or [`NEVER`] before the first refresh.
    #[serde(default)]
    delivered_at: u64,
    #[serde(default)]
    previous_delivered_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovered_gen: Option<u64>,
    idle_expires_at: Timestamp,
    expires_at: Timestamp,
    epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_reason: Option<RevokeReason>,
    /// When the session began. In older items it is the time of the only authentication.
    created_at: Option<Timestamp>,
    auth_time: Timestamp,
    /// How the user has authenticated. In older items it is a password.
    #[serde(default = "password")]
    amr: Amr,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// The filter of the mailer's stream looks for this attribute, so it is not written for other sessions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    new_device: bool,
    /// The value of [`ttl`] or [`ttl_of_revoked`]. Only DynamoDB uses it, to delete old items: every read checks expiry
    /// itself.
    #[serde(default)]
    ttl: u64,
}

impl From<&Session> for SessionItem {
    fn from(session: &Session) -> Self {
        Self {
            user_id: session.user_id.clone(),
            sid: session.sid.clone(),
            generation: session.generation,
            issued_at: session.issued_at,
            delivered_at: session.delivered_at.map_or(NEVER, Timestamp::get),
            previous_delivered_at: session.previous_delivered_at.map_or(NEVER, Timestamp::get),
            recovered_gen: session.recovered_generation,
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            epoch: session.epoch,
            revoked_at: session.revoked.map(|(at, _)| at),
            revoke_reason: session.revoked.map(|(_, reason)| reason),
            created_at: Some(session.created_at),
            auth_time: session.auth_time,
            amr: session.amr,
            ip: session.client.ip.clone(),
            user_agent: session.client.user_agent.clone(),
            label: session.client.label.clone(),
            new_device: session.is_new_device,
            ttl: ttl(session.idle_expires_at),
        }
    }
}

impl From<SessionItem> for Session {
    fn from(item: SessionItem) -> Self {
        Self {
            user_id: item.user_id,
            sid: item.sid,
            generation: item.generation,
            issued_at: item.issued_at,
            delivered_at: moment(item.delivered_at),
            previous_delivered_at: moment(item.previous_delivered_at),
            recovered_generation: item.recovered_gen,
            // A rotation writes `idle_expires_at` without comparing it with `expires_at`, so the stored value may be
            // later than the end.
            idle_expires_at: item.idle_expires_at.min(item.expires_at),
            expires_at: item.expires_at,
            epoch: item.epoch,
            revoked: item
                .revoked_at
                .map(|at| (at, item.revoke_reason.unwrap_or(RevokeReason::Logout))),
            created_at: item.created_at.unwrap_or(item.auth_time),
            auth_time: item.auth_time,
            amr: item.amr,
            client: ClientDetails {
                ip: item.ip,
                user_agent: item.user_agent,
                label: item.label,
            },
            is_new_device: item.new_device,
        }
    }
}

/// The attributes that a login reads of each session.
#[derive(Deserialize)]
pub(crate) struct LiveItem {
    sid: SessionId,
    created_at: Option<Timestamp>,
    auth_time: Timestamp,
    #[serde(default)]
    delivered_at: u64,
}

impl LiveItem {
    pub(crate) const ATTRIBUTES: &str = "sid, created_at, auth_time, delivered_at";
}

impl From<LiveItem> for LiveSession {
    fn from(item: LiveItem) -> Self {
        Self {
            sid: item.sid,
            last_used_at: last_used_at(item.created_at.unwrap_or(item.auth_time), item.delivered_at),
        }
    }
}

/// The attributes that the list of sessions reads of each session.
#[derive(Deserialize)]
pub(crate) struct ListedItem {
    sid: SessionId,
    created_at: Option<Timestamp>,
    auth_time: Timestamp,
    #[serde(default)]
    delivered_at: u64,
    ip: Option<String>,
    user_agent: Option<String>,
    label: Option<String>,
}

impl ListedItem {
    pub(crate) const ATTRIBUTES: &str = "sid, created_at, auth_time, delivered_at, ip, user_agent, label";
}

impl From<ListedItem> for ListedSession {
    fn from(item: ListedItem) -> Self {
        let created_at = item.created_at.unwrap_or(item.auth_time);
        Self {
            sid: item.sid,
            created_at,
            last_used_at: last_used_at(created_at, item.delivered_at),
            client: ClientDetails {
                ip: item.ip,
                user_agent: item.user_agent,
                label: item.label,
            },
        }
    }
}

/// Returns what [`Session::last_used_at`] returns, from the stored attributes.
fn last_used_at(created_at: Timestamp, delivered_at: u64) -> Timestamp {
    moment(delivered_at).unwrap_or(created_at)
}

fn moment(seconds: u64) -> Option<Timestamp> {
    (seconds > NEVER).then(|| Timestamp::new(seconds))
}

const fn password() -> Amr {
    Amr::PASSWORD
}
