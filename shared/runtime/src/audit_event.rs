//! Audit events: their kind, severity and other fields.

use std::collections::BTreeMap;

use auth::{attempts::Pseudonym, following::FollowError};
use claims::{Refusal, SessionId, UserId};
use serde_json::Value;

use crate::Event;

/// Something that happened, for monitoring and for investigations. It never contains a token, a password, an email
/// address or a body.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// What happened.
    pub name: Event,
    /// The severity of the event.
    pub level: Level,
    /// The other members of the log line.
    pub fields: BTreeMap<&'static str, Value>,
    /// The reason under which the event is counted, or `None` if it has its own line.
    pub counted: Option<&'static str>,
}

/// The severity of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Normal operation.
    Info,
    /// Something that deserves a look, although the service did not fail.
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

    /// Returns a counted event, which has no user. A stranger can cause such events as often as they like, so only the
    /// first one is written at once. Later ones with the same reason are counted, and at most one line in ten seconds
    /// reports their number.
    #[must_use]
    pub fn counted(event: Event, reason: &'static str) -> Self {
        Self {
            counted: Some(reason),
            ..Self::new(event).reason(reason)
        }
    }

    /// Returns the event of a refused token. The event is counted, unless one of our keys signed the token.
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

    /// Adds the id of the user.
    #[must_use]
    pub fn user(self, id: &UserId) -> Self {
        self.field("user_id", id.as_str())
    }

    /// Adds the pseudonym of an email address, which may not belong to a user.
    #[must_use]
    pub fn identifier(self, address: &Pseudonym) -> Self {
        self.field("identifier", address.as_str())
    }

    /// Adds the id of the session.
    #[must_use]
    pub fn session(self, sid: &SessionId) -> Self {
        self.field("sid", sid.as_str())
    }

    /// Adds the reason, as a stable name.
    #[must_use]
    pub fn reason(self, reason: &str) -> Self {
        self.field("reason", reason)
    }

    /// Adds a number. It is also a metric if [`METRICS`](crate::METRICS) has its name.
    #[must_use]
    pub fn number(mut self, name: &'static str, value: u64) -> Self {
        self.fields.insert(name, value.into());
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: &str) -> Self {
        self.fields.insert(name, value.into());
        self
    }
}

/// Converts the error of a failed read to an event. The secret could not be read again, but the older copy was still
/// fresh enough to be used.
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
