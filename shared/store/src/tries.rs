//! The number of times that the SDK sends a call. If an answer is lost, the SDK sends the call again, and the condition
//! of the second try may fail because of the first.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef},
    error::BoxError,
};

/// Counts the tries of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tries(Arc<AtomicU32>);

impl Tries {
    /// Returns whether the call was sent several times. Only then can the call itself have written the item that it
    /// finds.
    pub(crate) fn were_several(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

impl Intercept for Tries {
    fn name(&self) -> &'static str {
        "Tries"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
