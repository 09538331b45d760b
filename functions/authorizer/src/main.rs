//! Starts the `authorizer` function in Lambda.

use api::{Audit, StandardOutput, StartError};
use authorizer::Authorizer;
use config::{Environment, SystemClock};
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let environment = Environment::of_process();
    let audit = Audit::new(environment.telemetry()?, StandardOutput);
    let aws = async || Aws::of_environment().await.map_err(|fault| StartError::new(&fault));
    let authorizer = Authorizer::new(&environment, aws, SystemClock, audit).await?;
    api::run_function(&environment, async |payload: &str, request_id, xray_trace_id| {
        authorizer.invoke(payload, request_id, xray_trace_id).await
    })
    .await
}
