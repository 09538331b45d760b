//! The start of a process in Lambda. After its start, the process answers one invocation after another.

use std::{error::Error, fmt};

use config::Environment;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

use crate::{Audit, Invoke, StandardOutput};

/// Makes a function with `start`. The function then answers invocations until Lambda ends the process.
///
/// # Errors
/// If a variable is missing or invalid, including those that Lambda sets, if `start` fails, or if Lambda's runtime API
/// cannot be reached.
pub async fn run<I: Invoke>(
    start: impl AsyncFnOnce(Environment, Audit) -> Result<I, StartError>,
) -> Result<(), StartError> {
    let environment = Environment::from_process();
    environment.require_lambda()?;
    let audit = Audit::new(environment.telemetry()?, StandardOutput);
    // Boxed, because the futures of whole use cases are large.
    let function = &Box::pin(start(environment, audit)).await?;
    let service = service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let LambdaEvent { payload, context } = event;
        Box::pin(function.invoke(payload.get(), context.request_id, context.xray_trace_id)).await
    });
    lambda_runtime::run(service)
        .await
        .map_err(|error| StartError(error.to_string()))
}

/// Why a process cannot start. If `main` returns this error, Rust prints it with its `Debug` implementation, which
/// writes one line.
pub struct StartError(String);

impl fmt::Debug for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Keeps the message of any error that prevents a start.
impl<E: Error> From<E> for StartError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
