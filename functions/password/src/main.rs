//! Starts the `password` function in Lambda.

use api::StartError;
use claims::Clock as _;
use config::SystemClock;
use password::OwnPassword;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let aws = Aws::of_environment().await.map_err(|fault| StartError::new(&fault))?;
        Ok(OwnPassword::new(&environment, &aws, SystemClock.now()).await?)
    })
    .await
}
