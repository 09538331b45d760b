//! Starts the `password` function in Lambda.

use password::Password;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Password::new(&environment, &aws, now).await?)
    })
    .await
}
