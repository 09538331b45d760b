//! Starts the `sessions` function in Lambda.

use runtime::StartError;
use sessions::OwnSessions;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let aws = Aws::of_environment().await?;
        Ok(OwnSessions::new(&environment, &aws)?)
    })
    .await
}
