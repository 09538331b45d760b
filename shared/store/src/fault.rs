//! What can go wrong with a call, as the ports tell it.

use auth::StoreError;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// An error of the SDK that no caller can do anything about but try again. Only its code and kind are kept: a message
/// could carry a key.
pub(crate) fn unavailable<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let cause = match error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or("an error without a code").to_owned(),
        SdkError::TimeoutError(_) => "timed out".to_owned(),
        other => DisplayErrorContext(other).to_string(),
    };
    StoreError::Unavailable { operation, cause }
}

/// An item that cannot be read. `serde_dynamo` names the attribute and the types, never the value.
pub(crate) fn malformed(operation: &'static str, error: &impl std::fmt::Display) -> StoreError {
    StoreError::Malformed {
        operation,
        cause: error.to_string(),
    }
}
