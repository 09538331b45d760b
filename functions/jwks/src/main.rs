//! Starts the `jwks` function in Lambda.

use jwks::Jwks;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment().await?;
        Ok(Jwks::new(&environment, &aws, now).await?)
    })
    .await
}
