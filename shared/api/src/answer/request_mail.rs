//! The answer to `POST /auth/register` and `POST /auth/forgot`, and its failures.

use auth::{
    mail::{CODE_LIFE, Purpose},
    request_mail::{MailRequested, RequestMailError},
};
use runtime::{AuditEvent, Event};
use serde_json::json;

use crate::{Answer, Failure, status::ACCEPTED};

impl Answer {
    /// Returns the answer to a request for mail. It has the same form and length for every address.
    #[must_use]
    pub fn mail_requested(requested: &MailRequested, purpose: Purpose) -> Self {
        let event = AuditEvent::new(Event::MailRequested).reason(purpose.as_str());
        Self {
            status: ACCEPTED,
            events: vec![event.identifier(&requested.address)],
            ..Self::json(json!({
                "request": requested.request.to_base64(),
                "expires_in": CODE_LIFE,
            }))
        }
    }
}

impl From<RequestMailError> for Failure {
    fn from(error: RequestMailError) -> Self {
        match error {
            RequestMailError::Throttled {
                address,
                limit,
                retry_after,
            } => {
                let event = AuditEvent::new(Event::MailThrottled).reason(limit);
                Self::throttled(retry_after, event.identifier(&address))
            }
            RequestMailError::Seal(error) => Self::internal(&error.to_string()),
            RequestMailError::Store(error) => error.into(),
        }
    }
}
