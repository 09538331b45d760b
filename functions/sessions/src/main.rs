//! Starts the `sessions` function in Lambda.

use api::StartError;
use sessions::Sessions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let client = store::client().await.map_err(|fault| StartError::new(&fault))?;
        Ok(Sessions::new(&environment, client)?)
    })
    .await
}
