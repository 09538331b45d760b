//! Starts the `refresh` function in Lambda.

use api::StartError;
use claims::Clock as _;
use config::SystemClock;
use refresh::RefreshTokens;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let aws = Aws::of_environment().await.map_err(|fault| StartError::new(&fault))?;
        Ok(RefreshTokens::new(&environment, &aws, SystemClock.now()).await?)
    })
    .await
}
