//! What an audit event contains.

use std::collections::BTreeMap;

use auth::{attempts::Pseudonym, following::FollowError};
use claims::{Refusal, SessionId, UserId};
use serde_json::Value;

use crate::Event;

/// Something that happened, for monitoring and for investigations. It never contains a token, a password, an address or
/// a body.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// What happened.
    pub name: Event,
    /// Its severity.
    pub level: Level,
    /// The other members of its line.
    pub fields: BTreeMap<&'static str, Value>,
    /// The reason by which it is counted, if it is a counted event.
    pub counted: Option<&'static str>,
}

/// The severity of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Normal operation.
    Info,
    /// Someone else is at fault, not the service.
    Warn,
    /// The service, or something that it depends on, is at fault.
    Error,
}

impl AuditEvent {
    /// Returns this event with its default severity.
    #[must_use]
    pub const fn new(event: Event) -> Self {
        Self {
            name: event,
            level: event.level(),
            fields: BTreeMap::new(),
            counted: None,
        }
    }

    /// Returns an event without a user, which a stranger can cause at any rate. The first one is written at once. After
    /// that, equal events with the same reason are counted and written as one line with their number.
    #[must_use]
    pub fn counted(event: Event, reason: &'static str) -> Self {
        Self {
            counted: Some(reason),
            ..Self::new(event).reason(reason)
        }
    }

    /// Returns the event of a refused token. It is counted, unless the token has the signature of one of our keys.
    #[must_use]
    pub fn refused_token(event: Event, refusal: &Refusal) -> Self {
        if refusal.is_signed() {
            Self::new(event).reason(refusal.reason())
        } else {
            Self::counted(event, refusal.reason())
        }
    }

    /// Raises the severity to `Error`.
    #[must_use]
    pub fn as_error(self) -> Self {
        Self {
            level: Level::Error,
            ..self
        }
    }

    /// Adds the user.
    #[must_use]
    pub fn user(self, id: &UserId) -> Self {
        self.field("user_id", id.as_str())
    }

    /// Adds the pseudonym of an email address, which may have no user.
    #[must_use]
    pub fn identifier(self, address: &Pseudonym) -> Self {
        self.field("identifier", address.as_str())
    }

    /// Adds the session.
    #[must_use]
    pub fn session(self, sid: &SessionId) -> Self {
        self.field("sid", sid.as_str())
    }

    /// Adds the reason, as a stable name.
    #[must_use]
    pub fn reason(self, reason: &str) -> Self {
        self.field("reason", reason)
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: &str) -> Self {
        self.fields.insert(name, value.into());
        self
    }
}

/// Keys could not be read again, and the copy was still fresh enough.
impl From<FollowError> for AuditEvent {
    fn from(fault: FollowError) -> Self {
        Self::new(Event::KeysUnread).field("cause", &fault.to_string())
    }
}

impl Level {
    /// Returns the level as it appears in a log line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}
