//! Starts the `address` function in Lambda.

use address::Address;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(Address::new(&environment, &aws, now).await?)
    })
    .await
}
