//! Trying again what an outage ended, so that long work goes on from where it was.

use std::time::Duration;

use auth::{
    accounts::{ExportError, ImportError},
    error::StoreError,
};

/// How long to wait before something is tried again, and again: a table that had little to do takes a moment to grow.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// An error that may be an outage, which ends by itself.
pub(super) trait Outage {
    fn is_outage(&self) -> bool;
}

impl Outage for StoreError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
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

/// What comes of this, also where an outage lasts for a while; not longer than somebody waits for it.
pub(super) async fn persistently<T, E: Outage>(
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
