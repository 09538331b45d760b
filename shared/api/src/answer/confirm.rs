//! The answer to `POST /auth/confirm`, and its failures.

use auth::factor::{ConfirmError, Confirmed};
use runtime::{AuditEvent, Event};
use serde_json::json;

use crate::{Answer, Failure};

impl Answer {
    /// Returns the answer with an access token of the same session (RFC 6749 s5.1).
    #[must_use]
    pub fn confirmed(confirmed: &Confirmed) -> Self {
        let event = AuditEvent::new(Event::SessionConfirmed);
        let event = event.user(&confirmed.user_id).session(&confirmed.sid);
        let answer = Self {
            events: vec![event.field("acr", confirmed.acr.as_str())],
            ..Self::json(json!({
                "access_token": confirmed.access.expose(),
                "token_type": "Bearer",
                "expires_in": confirmed.expires_in,
            }))
        };
        answer
            .with_replacement(confirmed.replacement.as_ref())
            .with_counter(confirmed.went_back, &confirmed.user_id)
    }
}

impl From<ConfirmError> for Failure {
    fn from(error: ConfirmError) -> Self {
        let refused = |reason| AuditEvent::new(Event::SessionConfirmationRefused).reason(reason);
        match error {
            ConfirmError::Over(user) => Self {
                event: refused("session_over").user(&user),
                ..Self::unauthorized()
            },
            ConfirmError::Refused { user_id, reason } => Self::invalid_grant(refused(reason).user(&user_id)),
            ConfirmError::SecondRequired { user_id, factors } => {
                Self::second_required(factors, refused("second_required").user(&user_id))
            }
            ConfirmError::Throttled { user_id, retry_after } => {
                let event = AuditEvent::new(Event::SessionConfirmationThrottled).user(&user_id);
                Self::throttled(retry_after, event)
            }
            ConfirmError::Store(error) => error.into(),
            ConfirmError::Sign(error) => error.into(),
            ConfirmError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}
