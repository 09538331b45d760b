//! The claims of the token between the two steps of a login.

use serde::Serialize;

use crate::{Delivery, DeviceId, SessionId, Timestamp, claims::OwnClaims, json::Members};

/// The claims that the token of a second step has in addition to those of every kind of token. They are what the session
/// needs, so nothing is stored between the two steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecondClaims {
    /// The session that the second step opens. A session is opened once, so the token works once.
    pub sid: SessionId,
    /// When the password of the first step was set.
    pub password_changed_at: Timestamp,
    /// The user's epoch at the first step. The token is over once it is raised.
    pub epoch: u64,
    /// How the refresh token is delivered.
    pub delivery: Delivery,
    /// The name that the user gave to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The device: the known one, or the one that it becomes.
    pub device: DeviceId,
    /// Whether the device was known at the first step.
    pub is_known_device: bool,
}

impl OwnClaims for SecondClaims {
    fn read(mut members: Members<'_>) -> Option<Self> {
        let label = members.remove("label").map(|label| label.into_text().map(Into::into));
        Some(Self {
            sid: members.take("sid")?,
            password_changed_at: members.take("password_changed_at")?,
            epoch: members.take("epoch")?,
            delivery: members.take("delivery")?,
            label: match label {
                None => None,
                Some(label) => Some(label?),
            },
            device: members.take("device")?,
            is_known_device: members.take("is_known_device")?,
        })
    }
}
