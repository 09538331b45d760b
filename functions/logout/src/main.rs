//! Starts the `logout` function in Lambda.

use api::StartError;
use logout::Logout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let client = store::client().await.map_err(|fault| StartError::new(&fault))?;
        Ok(Logout::new(&environment, client)?)
    })
    .await
}
