//! Starts the `reset` function in Lambda.

use reset::Reset;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Reset::new(&environment, &aws, now).await?)
    })
    .await
}
