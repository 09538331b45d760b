//! Transactions, and their retries after a conflict with another transaction.

use std::time::Duration;

use auth::error::StoreError;
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::{TransactWriteItemsError, builders::TransactWriteItemsFluentBuilder},
};

use crate::fault::unavailable;

/// The waits before the first and the second retry of a transaction after a conflict. The SDK does not retry these.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(40)];

/// Runs a transaction. Returns `false` if one of its conditions did not hold.
pub(crate) async fn transact(
    operation: &'static str,
    request: TransactWriteItemsFluentBuilder,
) -> Result<bool, StoreError> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let Err(error) = request.clone().send().await else {
            return Ok(true);
        };
        match (cancellation(&error), pauses.next()) {
            (Some(Cancellation::Condition), _) => return Ok(false),
            (Some(Cancellation::Conflict), Some(pause)) => tokio::time::sleep(pause).await,
            _ => return Err(unavailable(operation, &error)),
        }
    }
}

/// Why a transaction was cancelled.
enum Cancellation {
    /// A condition did not hold.
    Condition,
    /// Another transaction holds one of the items.
    Conflict,
}

fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Cancellation> {
    let SdkError::ServiceError(service) = error else {
        return None;
    };
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.err() else {
        return None;
    };
    let has = |code| {
        cancelled
            .cancellation_reasons()
            .iter()
            .any(|reason| reason.code() == Some(code))
    };
    if has("ConditionalCheckFailed") {
        Some(Cancellation::Condition)
    } else if has("TransactionConflict") {
        Some(Cancellation::Conflict)
    } else {
        None
    }
}
