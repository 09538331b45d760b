//! Starts the `logout` function in Lambda.

use logout::Logout;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Logout::new(&environment, &aws, now).await?)
    })
    .await
}
