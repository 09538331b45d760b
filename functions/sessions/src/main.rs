//! Starts the `sessions` function in Lambda.

use runtime::StartError;
use sessions::Sessions;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Sessions::new(&environment, &aws, now).await?)
    })
    .await
}
