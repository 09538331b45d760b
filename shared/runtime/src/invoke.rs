//! One invocation after the other: what a function makes of an event.

use std::future::Future;

use lambda_runtime::Diagnostic;
use serde_json::Value;

/// Answers the invocations of one function.
pub trait Invoke: Send + Sync {
    /// Answers one event, under the id that Lambda gave the invocation and the header of the trace that it is part of.
    ///
    /// # Errors
    /// When the invocation fails as such.
    fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> impl Future<Output = Result<Value, FunctionError>> + Send;
}

/// An invocation that fails as such: the gateway makes 500 of it, or 401 of the message `Unauthorized`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FunctionError(String);

impl FunctionError {
    /// A failure with this message, which the caller of the function sees.
    #[must_use]
    pub fn new(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self {
            error_type: "FunctionError".to_owned(),
            error_message: error.0,
        }
    }
}
