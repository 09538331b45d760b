//! Starts the `refresh` function in Lambda.

use refresh::Refresh;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Refresh::new(&environment, &aws, now).await?)
    })
    .await
}
