//! What an operator can do about an error, and the exit code of the command.

use auth::{
    accounts::{ExportError, StartMailError, UserError},
    error::StoreError,
    session::SessionError,
};
use keygen::WithdrawalError;
use rotation::{ChangeError, PublishError};
use store::NetworkFault;

use crate::{
    arguments::Target,
    cause::Cause,
    confirmation::Unconfirmed,
    exit::Exit,
    failure::{Interrupted, NoKeyFiles, NotThere, RefusedLines, Unhealthy},
    output::Unprinted,
};

/// Returns the exit code of a command that failed, and the error with a hint for the operator and with what AWS says.
pub(crate) async fn explain(error: anyhow::Error, target: &Target) -> (Exit, anyhow::Error) {
    let Some(StoreError::Unavailable { cause: text, .. }) = store_error(&error) else {
        return (exit(&error), error);
    };
    let cause = Cause::from_text(text);
    let hint = if target.local {
        local_advice(cause).to_owned()
    } else {
        match said(cause, text, target).await {
            Some(said) => format!("{}: {said}", cause.advice()),
            None => cause.advice().to_owned(),
        }
    };
    (cause.exit(), error.context(hint))
}

/// Returns an error with what AWS says, and without a hint. It is for an error that is only a part of what is printed.
pub(crate) async fn quote(error: anyhow::Error, target: &Target) -> anyhow::Error {
    let Some(StoreError::Unavailable { cause: text, .. }) = store_error(&error) else {
        return error;
    };
    match said(Cause::from_text(text), text, target).await {
        Some(said) => error.context(said),
        None => error,
    }
}

const fn local_advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Network(NetworkFault::Refused) => {
            "no answer from the local stack: is `cargo dev` running, and with this --database-port?"
        }
        Cause::NotFound => {
            "the local stack has no such table or key file: is `cargo dev` running, and are --database-port and --keys \
             right?"
        }
        Cause::Network(_)
        | Cause::NoCredentials
        | Cause::InvalidCredentials
        | Cause::Signature
        | Cause::Denied
        | Cause::Throttled
        | Cause::Conflict
        | Cause::Service
        | Cause::Unknown => "the request to the local stack failed",
    }
}

/// Returns what AWS, or the source of the credentials, says about a failed call.
async fn said(cause: Cause, text: &str, target: &Target) -> Option<String> {
    let session = target.opened()?;
    if cause == Cause::NoCredentials {
        return session.credentials_fault().await;
    }
    session.refusals.message(text)
}

/// Returns the exit code for an error that is not one of the store.
fn exit(error: &anyhow::Error) -> Exit {
    let is_unknown = matches!(error.downcast_ref(), Some(UserError::Unknown))
        || matches!(error.downcast_ref(), Some(StartMailError::Unknown))
        || matches!(error.downcast_ref(), Some(SessionError::Unknown))
        || matches!(
            error.downcast_ref(),
            Some(ChangeError::Withdrawal(WithdrawalError::NoSuchKey(_)))
        );
    if is_unknown || error.is::<NotThere>() || error.is::<NoKeyFiles>() {
        Exit::NotFound
    } else if error.is::<Unconfirmed>() {
        Exit::Unconfirmed
    } else if error.is::<Unprinted>() {
        Exit::Unprinted
    } else if error.is::<RefusedLines>() {
        Exit::Refused
    } else if error.is::<Unhealthy>() {
        Exit::Unhealthy
    } else if error.is::<Interrupted>() {
        Exit::Interrupted
    } else {
        Exit::Failed
    }
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
