//! The answer to `POST /auth/login/second`, and its failures.

use auth::factor::{RecoveryCode, SecondStepDone, SecondStepError};
use runtime::{AuditEvent, Event};
use serde_json::{Value, json};

use super::login::add_ended;
use crate::{Answer, Failure};

impl Answer {
    /// Returns the answer with a login's tokens (RFC 6749 s5.1), and with a new recovery code if one was used.
    #[must_use]
    pub fn second_step_done(done: &SecondStepDone) -> Self {
        let event = AuditEvent::new(Event::LoginSucceeded);
        let event = event.user(&done.user_id).session(&done.tokens.sid);
        let event = add_ended(event.field("second", done.method), &done.ended);
        let answer = Self::tokens(&done.tokens, event).with_device(done.device.as_ref(), done.tokens.delivery);
        answer
            .with_replacement(done.replacement.as_ref())
            .with_counter(done.went_back, &done.user_id)
    }

    /// Returns an answer without content, unless a recovery code was used: then it has the one that takes its place.
    pub(super) fn done_with_replacement(replacement: Option<&RecoveryCode>) -> Self {
        match replacement {
            None => Self::no_content(),
            Some(_) => Self::json(json!({})).with_replacement(replacement),
        }
    }

    /// Adds the recovery code that takes the place of the one that was used. This is the only time that it is shown.
    pub(super) fn with_replacement(mut self, replacement: Option<&RecoveryCode>) -> Self {
        if let (Some(code), Some(Value::Object(body))) = (replacement, &mut self.body) {
            body.insert("recovery_code".to_owned(), json!(code.to_text().as_str()));
        }
        self
    }
}

impl From<SecondStepError> for Failure {
    fn from(error: SecondStepError) -> Self {
        match error {
            SecondStepError::Refused { user_id, reason } => {
                let event = AuditEvent::new(Event::LoginSecondRefused).reason(reason);
                Self::invalid_grant(match &user_id {
                    None => event,
                    Some(user_id) => event.user(user_id),
                })
            }
            SecondStepError::Throttled { user_id, retry_after } => {
                let event = AuditEvent::new(Event::LoginSecondThrottled).user(&user_id);
                Self::throttled(retry_after, event)
            }
            SecondStepError::Store(error) => error.into(),
            SecondStepError::Sign(error) => error.into(),
        }
    }
}
