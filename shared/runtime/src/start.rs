//! The way into Lambda: a process starts once, and then answers one invocation after the other.

use std::{error::Error, fmt};

use config::Environment;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

use crate::{Audit, Invoke, StandardOutput};

/// Makes a function of the environment and has it answer invocations until Lambda ends the process.
///
/// # Errors
/// When a variable is missing or wrong, one of Lambda's own included, or its runtime API cannot be reached.
pub async fn run<I: Invoke>(
    start: impl AsyncFnOnce(Environment, Audit) -> Result<I, StartError>,
) -> Result<(), StartError> {
    let environment = Environment::of_process();
    environment.require_lambda()?;
    let audit = Audit::new(environment.telemetry()?, StandardOutput);
    // Boxed: the futures of whole use-cases are deep.
    let function = &Box::pin(start(environment, audit)).await?;
    let service = service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let LambdaEvent { payload, context } = event;
        Box::pin(function.invoke(payload.get(), context.request_id, context.xray_trace_id)).await
    });
    lambda_runtime::run(service)
        .await
        .map_err(|error| StartError(error.to_string()))
}

/// A process that cannot start. `main` shows it by `Debug`: one line.
pub struct StartError(String);

impl fmt::Debug for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whatever keeps a process from starting, in its own words.
impl<E: Error> From<E> for StartError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
