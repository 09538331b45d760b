//! The way into Lambda: start once, then answer invocations one after the other.

use std::{fmt, future::Future};

use config::{ConfigError, Environment, SystemClock};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, value::RawValue};

use crate::{Audit, Function, Handler, StandardOutput};

/// An invocation that fails as such: the gateway makes 500 of it, or 401 of the message `Unauthorized`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FunctionError(String);

impl FunctionError {
    /// A failure with this message, which whoever invoked the function sees.
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

/// A process that cannot start. `main` shows it by `Debug`: one line.
pub struct StartError(String);

impl fmt::Debug for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl StartError {
    /// What keeps the process from starting, in one line.
    #[must_use]
    pub fn new(fault: &impl fmt::Display) -> Self {
        Self(fault.to_string())
    }
}

/// Makes a handler of the environment and answers HTTP requests with it until Lambda ends the process.
///
/// # Errors
/// When a variable is missing or wrong, one of Lambda's own included, or its runtime API cannot be reached.
pub async fn run<H, F>(start: impl FnOnce(Environment) -> F) -> Result<(), StartError>
where
    H: Handler,
    F: Future<Output = Result<H, StartError>>,
{
    let environment = Environment::of_process();
    environment.require_lambda()?;
    let audit = Audit::new(environment.telemetry()?, StandardOutput);
    let function = &Function::new(start(environment).await?, SystemClock, audit);
    serve(async |payload: &str, request_id, xray_trace_id| {
        Ok(function.invoke(payload, request_id, xray_trace_id).await)
    })
    .await
}

/// Answers invocations of any kind until Lambda ends the process.
///
/// # Errors
/// When a variable of Lambda's own is missing, or its runtime API cannot be reached.
pub async fn run_function(
    environment: &Environment,
    invoke: impl AsyncFn(&str, String, Option<String>) -> Result<Value, FunctionError>,
) -> Result<(), StartError> {
    environment.require_lambda()?;
    serve(invoke).await
}

async fn serve(
    invoke: impl AsyncFn(&str, String, Option<String>) -> Result<Value, FunctionError>,
) -> Result<(), StartError> {
    let invoke = &invoke;
    let service = service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let LambdaEvent { payload, context } = event;
        invoke(payload.get(), context.request_id, context.xray_trace_id).await
    });
    Ok(lambda_runtime::run(service).await?)
}
