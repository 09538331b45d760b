//! Starts the `login` function in Lambda.

use login::Login;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Login::new(&environment, &aws, now).await?)
    })
    .await
}
