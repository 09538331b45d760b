//! Starts the `compact-feed` function in Lambda.

use api::{Audit, StandardOutput, StartError};
use compact_feed::CompactFeed;
use config::{Environment, SystemClock};
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let environment = Environment::of_process();
    let audit = Audit::new(environment.telemetry()?, StandardOutput);
    let aws = Aws::of_environment().await.map_err(|fault| StartError::new(&fault))?;
    let compaction = CompactFeed::new(&environment, &aws, SystemClock, audit)?;
    api::run_function(&environment, async |_: &str, request_id, xray_trace_id| {
        compaction.invoke(request_id, xray_trace_id).await
    })
    .await
}
