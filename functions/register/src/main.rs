//! Starts the `register` function in Lambda.

use register::Register;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Register::new(&environment, &aws, now).await?)
    })
    .await
}
