//! How the gateway reaches functions, wherever they run: in another process under `cargo lambda watch`, or in this one.

use std::{future::Future, time::Duration};

use serde_json::Value;

/// Functions that can be invoked by name.
pub trait Functions: Send + Sync + 'static {
    /// Invokes a function with an event and waits for its answer, for `timeout` at the most.
    fn invoke(
        &self,
        function: &str,
        event: String,
        timeout: Duration,
    ) -> impl Future<Output = Result<Value, InvokeError>> + Send;
}

/// An invocation without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function answered with an error.
    #[error("the function failed: {message}")]
    Failed {
        /// Its `errorMessage`.
        message: String,
    },
    /// The function took longer than the template gives it; Lambda ends it then.
    #[error("the function took longer than its {} s", timeout.as_secs())]
    TimedOut {
        /// How long it had.
        timeout: Duration,
    },
    /// The function's process ended before it answered.
    #[error("the function crashed; it starts again when a file changes")]
    Crashed,
    /// Whatever runs the functions cannot be reached.
    #[error("the functions cannot be reached: {cause}")]
    Unreachable {
        /// What the network said.
        cause: String,
    },
}
