//! What an operator can do about an error of the store.

use auth::{
    accounts::{ExportError, StartMailError, UserError},
    error::StoreError,
    session::SessionError,
};
use rotation::{ChangeError, PublishError};
use store::NetworkFault;

use crate::arguments::Target;

/// Adds a hint for the operator to an error that says that the store is unavailable. Returns other errors unchanged.
pub(crate) fn explain(error: anyhow::Error, target: &Target) -> anyhow::Error {
    let Some(StoreError::Unavailable { cause, .. }) = store_error(&error) else {
        return error;
    };
    let hint = match (target.local, NetworkFault::from_text(cause)) {
        (true, Some(NetworkFault::Refused)) => "no answer from the local stack: is `cargo dev` running?",
        (true, _) => "the request to the local stack failed",
        (false, Some(NetworkFault::Dns)) => "cannot reach AWS: check the network, and that AWS_REGION names a region",
        (false, Some(_)) => "cannot reach AWS over this network: run this again",
        (false, None) => {
            "the request to AWS failed: check that the environment has the region, and the credentials that `aws \
            configure export-credentials --format env` prints"
        }
    };
    error.context(hint)
}

fn store_error(error: &anyhow::Error) -> Option<&StoreError> {
    let of_user = error.downcast_ref().map(|error| match error {
        UserError::Store(cause) => Some(cause),
        UserError::AddressTaken
        | UserError::Unknown
        | UserError::TooLong { .. }
        | UserError::CustomClaims(_)
        | UserError::Hash(_) => None,
    });
    let of_mail = error.downcast_ref().map(|error| match error {
        StartMailError::Store(cause) => Some(cause),
        StartMailError::AddressTaken
        | StartMailError::Unknown
        | StartMailError::Disabled
        | StartMailError::NoRecipient
        | StartMailError::TooLong { .. }
        | StartMailError::TooLongForLink { .. }
        | StartMailError::Wait(_)
        | StartMailError::Seal(_)
        | StartMailError::Sign(_) => None,
    });
    let of_session = error.downcast_ref().map(|error| match error {
        SessionError::Store(cause) => Some(cause),
        SessionError::Unknown => None,
    });
    let of_export = error.downcast_ref().map(|error| match error {
        ExportError::Store(cause) => Some(cause),
        ExportError::NoCredentials { .. } => None,
    });
    let of_change = error.downcast_ref().map(|error| match error {
        ChangeError::Overtaken(cause) | ChangeError::Store(cause) => Some(cause),
        ChangeError::NoKeys
        | ChangeError::UnknownAlgorithm
        | ChangeError::Invalid(_)
        | ChangeError::Key(_)
        | ChangeError::Withdrawal(_) => None,
    });
    let of_publication = error.downcast_ref().map(|error| match error {
        PublishError::Store(cause) => Some(cause),
        PublishError::Invalid(_) => None,
    });
    let of_use_case = of_user
        .or(of_mail)
        .or(of_session)
        .or(of_export)
        .or(of_change)
        .or(of_publication);
    let of_use_case = of_use_case.flatten();
    of_use_case.or_else(|| error.downcast_ref())
}
