//! One invocation: how a function turns an event into an answer.

use std::future::Future;

use lambda_runtime::Diagnostic;
use serde_json::Value;

/// Answers the invocations of one function.
pub trait Invoke: Send + Sync {
    /// Answers one event. `request_id` is Lambda's id of the invocation, and `xray_trace_id` is the value of the
    /// invocation's tracing header.
    ///
    /// # Errors
    /// If the function has no answer. Lambda then reports the whole invocation as failed.
    fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> impl Future<Output = Result<Value, FunctionError>> + Send;
}

/// The failure of a whole invocation. If an authorizer fails, a REST or WebSocket API answers 401 for the message
/// `Unauthorized` and 500 for any other. An HTTP API answers 500 for every message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FunctionError(String);

impl FunctionError {
    /// Returns a failure with this message. Lambda sends it to the service that invoked the function.
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
