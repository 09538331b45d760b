//! Retries after outages, so that a short outage does not end a long command.

use std::time::Duration;

use auth::{
    accounts::{ExportError, ImportError},
    error::StoreError,
};

use crate::cause::Cause;

/// The pauses before the retries. A table that had little traffic needs a moment to scale up.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// An error that may be a temporary outage.
pub(super) trait Outage {
    fn is_outage(&self) -> bool;
}

impl Outage for StoreError {
    /// Returns whether the store may answer soon. A missing permission stays missing.
    fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { cause, .. } if Cause::from_text(cause).is_temporary())
    }
}

impl Outage for ImportError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Store(cause) if cause.is_outage())
    }
}

impl Outage for ExportError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Store(cause) if cause.is_outage())
    }
}

/// Runs `once`. After an outage, runs it again, once for each of [`PAUSES`], as long as `is_awaited` returns true.
pub(super) async fn retry_outages<T, E: Outage>(
    once: impl AsyncFn() -> Result<T, E>,
    is_awaited: impl Fn() -> bool,
) -> Result<T, E> {
    for pause in PAUSES {
        match once().await {
            Err(error) if error.is_outage() && is_awaited() => tokio::time::sleep(pause).await,
            outcome => return outcome,
        }
    }
    once().await
}
