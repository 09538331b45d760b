//! Starts the `jwks` function in Lambda.

use jwks::WellKnown;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let aws = async || Ok::<_, StartError>(Aws::of_environment().await?);
    api::run(async |environment| WellKnown::new(&environment, aws).await).await
}
