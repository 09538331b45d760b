//! Starts the `jwks` function in Lambda.

use api::StartError;
use jwks::WellKnown;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let client = async || store::client().await.map_err(|fault| StartError::new(&fault));
    api::run(async |environment| WellKnown::new(&environment, client).await).await
}
