//! Starts the `delete-account` function in Lambda.

use delete_account::DeleteAccount;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, _| {
        let aws = Aws::from_environment(&environment)?;
        Ok(DeleteAccount::new(&environment, &aws).await?)
    })
    .await
}
