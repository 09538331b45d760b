//! The answers to `POST /auth/account/delete` and `POST /auth/account/keep`, and their failures.

use auth::deletion::{Deletion, DeletionError, KeepError, Kept};
use runtime::{AuditEvent, Event};
use serde_json::json;

use crate::{Answer, Failure, status::ACCEPTED};

impl Answer {
    /// Returns the answer to a user who deleted their account.
    #[must_use]
    pub fn account_deleted(deletion: &Deletion) -> Self {
        Self {
            status: ACCEPTED,
            events: vec![AuditEvent::new(Event::AccountDeleted).user(&deletion.user_id)],
            ..Self::json(json!({"delete_at": deletion.delete_at}))
        }
    }

    /// Returns the answer to a user who kept their account, with a new recovery code if one was used.
    #[must_use]
    pub fn account_kept(kept: &Kept) -> Self {
        Self {
            events: vec![AuditEvent::new(Event::AccountKept).user(&kept.user_id)],
            ..Self::done_with_replacement(kept.replacement.as_ref())
        }
    }
}

impl From<DeletionError> for Failure {
    fn from(error: DeletionError) -> Self {
        let refused = |reason| AuditEvent::new(Event::AccountDeletionRefused).reason(reason);
        match error {
            DeletionError::Over(user) => Self {
                event: refused("session_over").user(&user),
                ..Self::unauthorized()
            },
            DeletionError::Demanded { user_id, demand } => Self::demanded(demand, &user_id),
            DeletionError::WrongPassword(user) => Self::invalid_grant(refused("wrong_password").user(&user)),
            DeletionError::Throttled { user_id, retry_after } => Self::throttled(
                retry_after,
                AuditEvent::new(Event::AccountDeletionThrottled).user(&user_id),
            ),
            DeletionError::Store(error) => error.into(),
            DeletionError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Self {
        let refused = |reason| AuditEvent::new(Event::AccountKeepingRefused).reason(reason);
        match error {
            KeepError::Refused(reason) => Self::invalid_grant(refused(reason)),
            KeepError::WrongPassword(user) => Self::invalid_grant(refused("wrong_password").user(&user)),
            KeepError::Throttled { address, retry_after } => {
                let event = AuditEvent::new(Event::AccountKeepingThrottled).identifier(&address);
                Self::throttled(retry_after, event)
            }
            KeepError::SecondRequired { user_id, factors } => {
                Self::second_required(factors, refused("second_required").user(&user_id))
            }
            KeepError::Second(error) => Self::not_proven(
                error,
                AuditEvent::new(Event::AccountKeepingRefused),
                AuditEvent::new(Event::AccountKeepingThrottled),
            ),
            KeepError::Store(error) => error.into(),
            KeepError::Sign(error) => error.into(),
            KeepError::Hash(error) => Self::internal(&error.to_string()),
        }
    }
}
