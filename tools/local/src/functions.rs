//! The functions that the gateway invokes. They run under `cargo lambda watch` or, in tests, in the gateway's process.

use std::{future::Future, time::Duration};

use serde_json::Value;

/// A set of functions that can be invoked by name.
pub trait Functions: Send + Sync + 'static {
    /// Invokes a function with an event and waits up to `timeout` for its answer.
    fn invoke(
        &self,
        function: &str,
        event: String,
        timeout: Duration,
    ) -> impl Future<Output = Result<Value, InvokeError>> + Send;
}

/// The reason why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function answered with an error.
    #[error("the function failed: {message}")]
    Failed {
        /// The `errorMessage` in the function's answer.
        message: String,
    },
    /// The function exceeded its timeout in the template, at which Lambda ends it.
    #[error("the function exceeded its timeout of {} s", timeout.as_secs())]
    TimedOut {
        /// The function's timeout in the template.
        timeout: Duration,
    },
    /// The function's process ended before it answered.
    #[error("the function crashed; it restarts when a file changes")]
    Crashed,
    /// The process that runs the functions cannot be reached, or its answer is not JSON.
    #[error("cannot reach the functions: {cause}")]
    Unreachable {
        /// The error of the connection, or of parsing the answer.
        cause: String,
    },
}
