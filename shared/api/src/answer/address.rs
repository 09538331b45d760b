//! The answers to `POST /auth/address` and `POST /auth/address/confirm`, and their failures.

use auth::{change_address::AddressChangeError, confirm_address::Confirmed, mail::Lives};
use claims::UserId;
use runtime::{AuditEvent, Event};
use serde_json::json;

use crate::{Answer, Failure, status::ACCEPTED};

impl Answer {
    /// Returns the answer to a user who asked for another address. It is the same whether or not somebody has that
    /// address.
    #[must_use]
    pub fn address_change_requested(user_id: &UserId) -> Self {
        Self {
            status: ACCEPTED,
            events: vec![AuditEvent::new(Event::AddressRequested).user(user_id)],
            ..Self::json(json!({"expires_in": Lives::ADDRESS}))
        }
    }

    /// Returns the answer to a link about a change of address.
    #[must_use]
    pub fn address_confirmed(confirmed: &Confirmed) -> Self {
        match confirmed {
            Confirmed::Present(user_id) => Self {
                events: vec![AuditEvent::new(Event::AddressConfirmed).user(user_id)],
                ..Self::json(json!({"next": "new"}))
            },
            Confirmed::Moved(user_id) => Self {
                events: vec![AuditEvent::new(Event::AddressChanged).user(user_id)],
                ..Self::no_content()
            },
        }
    }
}

impl From<AddressChangeError> for Failure {
    fn from(error: AddressChangeError) -> Self {
        let refused = |reason| AuditEvent::new(Event::AddressRefused).reason(reason);
        match error {
            AddressChangeError::Over(user) => Self {
                event: refused("session_over").user(&user),
                ..Self::unauthorized()
            },
            AddressChangeError::Demanded { user_id, demand } => Self::demanded(demand, &user_id),
            AddressChangeError::WrongPassword(user) => Self::invalid_grant(refused("wrong_password").user(&user)),
            AddressChangeError::Refused(reason) => Self::invalid_grant(refused(reason)),
            AddressChangeError::SameAddress => Self::invalid_request("this is your address already"),
            AddressChangeError::TooLong { .. } => Self::invalid_request("the address is too long for your account"),
            AddressChangeError::Throttled { address, retry_after } => {
                let event = AuditEvent::new(Event::AddressThrottled);
                let event = match &address {
                    Some(address) => event.identifier(address),
                    None => event,
                };
                Self::throttled(retry_after, event)
            }
            AddressChangeError::Seal(error) => Self::internal(&error.to_string()),
            AddressChangeError::Store(error) => error.into(),
            AddressChangeError::Sign(error) => error.into(),
            AddressChangeError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}
