//! Transactions, and their retries after a conflict with another transaction.

use std::time::Duration;

use auth::error::StoreError;
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::{TransactWriteItemsError, builders::TransactWriteItemsFluentBuilder},
};

use crate::fault::unavailable;

/// The waits before the first and the second retry of a transaction after a conflict. The SDK does not retry after
/// conflicts.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(40)];

/// Runs a transaction. Returns `false` if one of its conditions did not hold.
pub(crate) async fn transact(
    operation: &'static str,
    request: TransactWriteItemsFluentBuilder,
) -> Result<bool, StoreError> {
    transact_by_write(operation, request)
        .await
        .map(|failed| failed.is_none())
}

/// Runs a transaction. Returns the position of the first write whose condition did not hold, if there is one.
pub(crate) async fn transact_by_write(
    operation: &'static str,
    request: TransactWriteItemsFluentBuilder,
) -> Result<Option<usize>, StoreError> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let Err(error) = request.clone().send().await else {
            return Ok(None);
        };
        match (cancellation(&error), pauses.next()) {
            (Some(Cancellation::Condition(write)), _) => return Ok(Some(write)),
            (Some(Cancellation::Conflict), Some(pause)) => tokio::time::sleep(pause).await,
            _ => return Err(unavailable(operation, &error)),
        }
    }
}

/// Why a transaction was cancelled.
enum Cancellation {
    /// The condition of the write at this position did not hold.
    Condition(usize),
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
    let position = |code| {
        let mut reasons = cancelled.cancellation_reasons().iter();
        reasons.position(|reason| reason.code() == Some(code))
    };
    let failed = position("ConditionalCheckFailed").map(Cancellation::Condition);
    failed.or_else(|| position("TransactionConflict").map(|_| Cancellation::Conflict))
}
