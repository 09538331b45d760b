//! Starts the `authorizer` function in Lambda.

use authorizer::Authorizer;
use config::SystemClock;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let aws = async || Ok::<_, StartError>(Aws::from_environment().await?);
    runtime::run(async |environment, audit| Authorizer::new(&environment, aws, SystemClock, audit).await).await
}
