//! Starts the `passkey-login` function in Lambda.

use passkey_login::PasskeyLogin;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(PasskeyLogin::new(&environment, &aws, now).await?)
    })
    .await
}
