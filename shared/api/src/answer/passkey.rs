//! The answer to `POST /auth/passkey`, and its failures.

use auth::factor::passkey::{PasskeyLoggedIn, PasskeyLoginError};
use runtime::{AuditEvent, Event};

use super::login::add_ended;
use crate::{Answer, Failure};

impl Answer {
    /// Returns the answer with a login's tokens (RFC 6749 s5.1).
    #[must_use]
    pub fn logged_in_with_passkey(login: &PasskeyLoggedIn) -> Self {
        let event = AuditEvent::new(Event::LoginSucceeded);
        let event = event.user(&login.user_id).session(&login.tokens.sid);
        let event = add_ended(event.field("method", "passkey"), &login.ended);
        Self::tokens(&login.tokens, event).with_counter(login.went_back, &login.user_id)
    }
}

impl From<PasskeyLoginError> for Failure {
    fn from(error: PasskeyLoginError) -> Self {
        match error {
            PasskeyLoginError::Refused { user_id, reason } => {
                let event = AuditEvent::new(Event::LoginFailed)
                    .reason(reason)
                    .field("method", "passkey");
                Self::invalid_grant(match &user_id {
                    None => event,
                    Some(user_id) => event.user(user_id),
                })
            }
            PasskeyLoginError::Throttled { user_id, retry_after } => {
                let event = AuditEvent::new(Event::LoginThrottled).user(&user_id).reason("logins");
                Self::throttled(retry_after, event.field("method", "passkey"))
            }
            PasskeyLoginError::Store(error) => error.into(),
            PasskeyLoginError::Sign(error) => error.into(),
        }
    }
}
