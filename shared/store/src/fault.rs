//! The errors that ports return for failed calls. Their messages are fixed, because the SDK's own messages can contain
//! anything that this process and the store have exchanged, including credentials.

use std::error::Error;

use auth::error::StoreError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use connections::{Failure, NetworkFault};

use crate::network::find_failure;

/// The cause of a call that was not sent, because there are no valid credentials.
pub const NO_CREDENTIALS: &str = "no AWS credentials";

/// The cause of a call that was not sent, for a reason that the connection does not know.
pub const UNSENT: &str = "the request could not be sent";

/// Returns the error for a call that failed. All that the caller can do is to retry the call.
pub(crate) fn unavailable<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    StoreError::Unavailable {
        operation,
        cause: cause(error).to_owned(),
    }
}

/// Returns why a call failed: the error code of the service, or fixed words. Neither contains anything that this
/// process has sent.
#[must_use]
pub fn cause<E, R>(error: &SdkError<E, R>) -> &str
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error {
        _ if lacks_credentials(error) => NO_CREDENTIALS,
        SdkError::ServiceError(service) => service.err().code().unwrap_or("an error without a code"),
        SdkError::TimeoutError(_) => NetworkFault::NoAnswer.text(),
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .and_then(find_failure)
            .map_or(UNSENT, Failure::text),
        SdkError::ResponseError(_) => Failure::Unreadable.text(),
        SdkError::ConstructionFailure(_) => "the request could not be built",
        _ => "an unknown fault",
    }
}

/// Returns the error for stored data that cannot be parsed, or for data that cannot be converted to a request.
pub(crate) const fn malformed(operation: &'static str) -> StoreError {
    StoreError::Malformed { operation }
}

/// Returns whether the service refused the call with this error code.
pub(crate) fn has_code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    let SdkError::ServiceError(service) = error else {
        return false;
    };
    service.err().code() == Some(code)
}

fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<CredentialsError>)
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use aws_sdk_dynamodb::{
        error::{ConnectorError, ErrorMetadata},
        operation::get_item::GetItemError,
    };

    use super::*;

    type Fault = SdkError<GetItemError, &'static str>;

    #[test]
    fn a_fault_is_reported_in_fixed_words() {
        let coded = GetItemError::generic(
            ErrorMetadata::builder()
                .code("ThrottlingException")
                .message(CANARY)
                .build(),
        );
        let uncoded = GetItemError::generic(ErrorMetadata::builder().message(CANARY).build());
        let cases = [
            (Fault::construction_failure(CANARY), "the request could not be built"),
            (Fault::timeout_error(CANARY), "timed out"),
            (
                dispatch(|_| ConnectorError::io(Box::new(Failure::from(NetworkFault::Broken)))),
                "connection failed",
            ),
            (dispatch(ConnectorError::io), "the request could not be sent"),
            (dispatch(ConnectorError::user), "the request could not be sent"),
            (
                dispatch(|cause| ConnectorError::other(cause, None)),
                "the request could not be sent",
            ),
            (Fault::response_error(CANARY, CANARY), "the answer could not be read"),
            (Fault::service_error(coded, CANARY), "ThrottlingException"),
            (Fault::service_error(uncoded, CANARY), "an error without a code"),
            (
                dispatch(|cause| ConnectorError::other(CredentialsError::not_loaded(cause).into(), None)),
                "no AWS credentials",
            ),
        ];

        for (fault, words) in cases {
            let told = unavailable("read user", &fault);

            assert_eq!(
                told.to_string(),
                format!("read user: the store is unavailable: {words}")
            );
            assert_silent(&told);
        }
    }

    /// A value that would appear in the output if the SDK's messages were shown.
    const CANARY: &str = "canary-4f1e";

    fn dispatch(kind: impl Fn(Box<dyn Error + Send + Sync>) -> ConnectorError) -> Fault {
        Fault::dispatch_failure(kind(CANARY.into()))
    }

    fn assert_silent(told: &impl Debug) {
        assert!(!format!("{told:?}").contains(CANARY), "{told:?}");
    }
}
