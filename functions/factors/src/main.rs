//! Starts the `factors` function in Lambda.

use factors::Factors;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Factors::new(&environment, &aws, now).await?)
    })
    .await
}
