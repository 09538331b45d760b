//! Starts the `keep-account` function in Lambda.

use keep_account::KeepAccount;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(KeepAccount::new(&environment, &aws, now).await?)
    })
    .await
}
