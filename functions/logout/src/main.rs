//! Starts the `logout` function in Lambda.

use claims::Clock as _;
use config::SystemClock;
use logout::Logout;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let aws = Aws::of_environment().await?;
        Ok(Logout::new(&environment, &aws, SystemClock.now()).await?)
    })
    .await
}
