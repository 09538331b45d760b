//! Starts the `jwks` function in Lambda.

use api::StartError;
use jwks::WellKnown;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let aws = async || Aws::of_environment().await.map_err(|fault| StartError::new(&fault));
    api::run(async |environment| WellKnown::new(&environment, aws).await).await
}
