//! Starts the `second-step` function in Lambda.

use runtime::StartError;
use second_step::SecondStep;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(SecondStep::new(&environment, &aws, now).await?)
    })
    .await
}
