//! The answer to `POST /auth/reset`, and its failures.

use auth::reset_password::{ResetDone, ResetError};
use runtime::{AuditEvent, Event};

use crate::{Answer, Failure};

impl Answer {
    /// Returns the answer to somebody who has set a new password, with a new recovery code if one was used.
    #[must_use]
    pub fn password_reset(done: &ResetDone) -> Self {
        Self {
            events: vec![AuditEvent::new(Event::PasswordReset).user(&done.user_id)],
            ..Self::done_with_replacement(done.replacement.as_ref())
        }
    }
}

impl From<ResetError> for Failure {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Refused(reason) => {
                Self::invalid_grant(AuditEvent::new(Event::PasswordResetRefused).reason(reason))
            }
            ResetError::Throttled { address, retry_after } => {
                let event = AuditEvent::new(Event::CodeThrottled).identifier(&address);
                Self::throttled(retry_after, event)
            }
            ResetError::SecondRequired { user_id, factors } => {
                let event = AuditEvent::new(Event::PasswordResetRefused).reason("second_required");
                Self::second_required(factors, event.user(&user_id))
            }
            ResetError::Second(error) => Self::not_proven(
                error,
                AuditEvent::new(Event::PasswordResetRefused),
                AuditEvent::new(Event::CodeThrottled),
            ),
            ResetError::Password(error) => error.into(),
            ResetError::Store(error) => error.into(),
            ResetError::Sign(error) => error.into(),
            ResetError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}
