//! What an audit event says.

use std::collections::BTreeMap;

use auth::{attempts::Pseudonym, following::FollowError};
use claims::{Refusal, SessionId, UserId};
use serde_json::Value;

use crate::Event;

/// Something that happened, for whoever watches or investigates. It never carries a token, a password, an address or
/// a body.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// What happened.
    pub name: Event,
    /// How bad it is.
    pub level: Level,
    /// What else its line says.
    pub fields: BTreeMap<&'static str, Value>,
    /// Its reason, where it is only counted.
    pub counted: Option<&'static str>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Info,
    /// Someone is at fault, but not the service.
    Warn,
    /// The service, or what it stands on, is at fault.
    Error,
}

impl AuditEvent {
    /// This event, as bad as it is by itself.
    #[must_use]
    pub const fn new(event: Event) -> Self {
        Self {
            name: event,
            level: event.level(),
            fields: BTreeMap::new(),
            counted: None,
        }
    }

    /// An event that concerns nobody and that a stranger can cause at any rate. The first is written at once; after that,
    /// those that are the same for the same reason are counted and written as one line with their number.
    #[must_use]
    pub fn counted(event: Event, reason: &'static str) -> Self {
        Self {
            counted: Some(reason),
            ..Self::new(event).reason(reason)
        }
    }

    /// A token that was refused: counted, unless one of our keys signed it.
    #[must_use]
    pub fn refused_token(event: Event, refusal: &Refusal) -> Self {
        if refusal.is_signed() {
            Self::new(event).reason(refusal.reason())
        } else {
            Self::counted(event, refusal.reason())
        }
    }

    /// The same, but so bad that the service is at fault.
    #[must_use]
    pub fn as_error(self) -> Self {
        Self {
            level: Level::Error,
            ..self
        }
    }

    /// The user whom it concerns.
    #[must_use]
    pub fn user(self, id: &UserId) -> Self {
        self.field("user_id", id.as_str())
    }

    /// What stands for the address that it concerns, where there may be no user.
    #[must_use]
    pub fn identifier(self, address: &Pseudonym) -> Self {
        self.field("identifier", address.as_str())
    }

    /// The session that it concerns.
    #[must_use]
    pub fn session(self, sid: &SessionId) -> Self {
        self.field("sid", sid.as_str())
    }

    /// Why it happened, as a stable name.
    #[must_use]
    pub fn reason(self, reason: &str) -> Self {
        self.field("reason", reason)
    }

    /// One more field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: &str) -> Self {
        self.fields.insert(name, value.into());
        self
    }
}

/// A key set that could not be read again while its copy was fresh enough.
impl From<FollowError> for AuditEvent {
    fn from(fault: FollowError) -> Self {
        Self::new(Event::KeysUnread).field("cause", &fault.to_string())
    }
}

impl Level {
    /// The level as it stands in a line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}
