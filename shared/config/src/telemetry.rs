//! The names of the service, its metrics and the function, for logs and metrics.

use crate::{ConfigError, Environment};

/// The names that identify the service, its metrics and the function in logs and metrics.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// `SERVICE_NAME`, default `gatehouse`: the `service` of every log line and metric.
    pub service: String,
    /// `METRICS_NAMESPACE`, default `Gatehouse`: the CloudWatch namespace of every metric.
    pub namespace: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets, default `local`: the `function_name` of every log line.
    pub function_name: String,
}

impl Environment {
    /// Returns the names for logs and metrics, from the variables that the fields of [`Telemetry`] name.
    ///
    /// # Errors
    /// If one of them is not Unicode.
    pub fn telemetry(&self) -> Result<Telemetry, ConfigError> {
        Ok(Telemetry {
            service: self.parse_or("SERVICE_NAME", "gatehouse")?,
            namespace: self.parse_or("METRICS_NAMESPACE", "Gatehouse")?,
            function_name: self.parse_or("AWS_LAMBDA_FUNCTION_NAME", "local")?,
        })
    }

    /// Returns the name of the log group for the acts of operators, from `OPERATORS_LOG`.
    ///
    /// # Errors
    /// If it is not set, or not Unicode.
    pub fn operators_log(&self) -> Result<String, ConfigError> {
        self.require("OPERATORS_LOG").map(str::to_owned)
    }
}
