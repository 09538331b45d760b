//! Starts the `confirm` function in Lambda.

use confirm::Confirm;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Confirm::new(&environment, &aws, now).await?)
    })
    .await
}
