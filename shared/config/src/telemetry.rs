//! What logs and metrics are filed under.

use crate::Environment;

/// The names that logs and metrics carry.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// `SERVICE_NAME`, `gatehouse` unless set: the `service` of every log line and metric.
    pub service: String,
    /// `METRICS_NAMESPACE`, `Gatehouse` unless set: the CloudWatch namespace of every metric.
    pub namespace: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets.
    pub function_name: String,
}

impl Environment {
    /// The names that logs and metrics carry.
    #[must_use]
    pub fn telemetry(&self) -> Telemetry {
        let or = |variable, default: &str| self.optional(variable).unwrap_or(default).to_owned();
        Telemetry {
            service: or("SERVICE_NAME", "gatehouse"),
            namespace: or("METRICS_NAMESPACE", "Gatehouse"),
            function_name: or("AWS_LAMBDA_FUNCTION_NAME", "local"),
        }
    }
}
