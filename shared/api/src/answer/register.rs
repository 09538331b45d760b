//! The answer to `POST /auth/register/confirm`, and its failures.

use auth::register::{RegisterError, Registered};
use runtime::{AuditEvent, Event};

use crate::{Answer, Failure};

impl Answer {
    /// Returns the answer to somebody who has registered: the tokens of their first session.
    #[must_use]
    pub fn registered(registered: &Registered) -> Self {
        let event = AuditEvent::new(Event::RegistrationSucceeded);
        let event = event.user(&registered.user_id).session(&registered.tokens.sid);
        let event = if registered.is_repeated {
            event.field("repeated", "true")
        } else {
            event
        };
        let answer = Self::tokens(&registered.tokens, event);
        answer.with_device(registered.device.as_ref(), registered.tokens.delivery)
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Refused(reason) => {
                Self::invalid_grant(AuditEvent::new(Event::RegistrationRefused).reason(reason))
            }
            RegisterError::Throttled { address, retry_after } => {
                let event = AuditEvent::new(Event::CodeThrottled).identifier(&address);
                Self::throttled(retry_after, event)
            }
            RegisterError::Password(error) => error.into(),
            RegisterError::TooLong { .. } => Self::internal(&error.to_string()),
            RegisterError::Store(error) => error.into(),
            RegisterError::Sign(error) => error.into(),
            RegisterError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}
