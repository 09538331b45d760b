//! Starts the `remove-accounts` function in Lambda.

use config::SystemClock;
use remove_accounts::RemoveAccounts;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::run(async |environment, audit| {
        let aws = Aws::from_environment(&environment)?;
        Ok(RemoveAccounts::new(&environment, &aws, SystemClock, audit).await?)
    })
    .await
}
