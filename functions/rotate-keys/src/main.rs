//! Starts the `rotate-keys` function in Lambda.

use api::{Audit, StandardOutput, StartError};
use config::{Environment, SystemClock};
use rotate_keys::RotateKeys;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let environment = Environment::of_process();
    let audit = Audit::new(environment.telemetry()?, StandardOutput);
    let aws = Aws::of_environment().await.map_err(|fault| StartError::new(&fault))?;
    let rotation = RotateKeys::new(&environment, &aws, SystemClock, audit)?;
    api::run_function(&environment, async |payload: &str, request_id, xray_trace_id| {
        rotation.invoke(payload, request_id, xray_trace_id).await
    })
    .await
}
