//! Starts the `login` function in Lambda.

use claims::Clock as _;
use config::SystemClock;
use login::Login;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let aws = Aws::of_environment().await?;
        Ok(Login::new(&environment, &aws, SystemClock.now()).await?)
    })
    .await
}
