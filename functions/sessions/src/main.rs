//! Starts the `sessions` function in Lambda.

use api::StartError;
use sessions::OwnSessions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let client = store::client().await.map_err(|fault| StartError::new(&fault))?;
        Ok(OwnSessions::new(&environment, client)?)
    })
    .await
}
