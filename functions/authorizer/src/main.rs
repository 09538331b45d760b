//! Starts the `authorizer` function in Lambda.

use authorizer::Authorizer;
use config::SystemClock;
use runtime::StartError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::run(async |environment, audit| Ok(Authorizer::new(&environment, SystemClock, audit).await?)).await
}
