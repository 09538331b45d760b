//! What log lines and metrics say about the service, the function and the sources of requests.

use crate::{ConfigError, Environment, LogAddresses};

/// The names that identify the service, its metrics and the function in logs and metrics, and how logs show addresses.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// `SERVICE_NAME`, default `gatehouse`: the `service` of every log line and metric.
    pub service: String,
    /// `METRICS_NAMESPACE`, default `Gatehouse`: the CloudWatch namespace of every metric.
    pub namespace: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets, default `local`: the `function_name` of every log line.
    pub function_name: String,
    /// `LOG_ADDRESSES`, default `full`: how log lines show the network address that a request came from.
    pub addresses: LogAddresses,
}

impl Telemetry {
    /// Returns a network address as log lines show it, or `None` if they do not.
    #[must_use]
    pub fn source(&self, address: &str) -> Option<String> {
        self.addresses.show(address)
    }
}

impl Environment {
    /// Returns the names and settings for logs and metrics, from the variables that the fields of [`Telemetry`] name.
    ///
    /// # Errors
    /// If one of them is not Unicode or has a value that it cannot have.
    pub fn telemetry(&self) -> Result<Telemetry, ConfigError> {
        Ok(Telemetry {
            service: self.parse_or("SERVICE_NAME", "gatehouse")?,
            namespace: self.parse_or("METRICS_NAMESPACE", "Gatehouse")?,
            function_name: self.parse_or("AWS_LAMBDA_FUNCTION_NAME", "local")?,
            addresses: self.parse_or("LOG_ADDRESSES", "full")?,
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
