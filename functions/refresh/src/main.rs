//! Starts the `refresh` function in Lambda.

use api::StartError;
use refresh::RefreshTokens;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let client = store::client().await.map_err(|fault| StartError::new(&fault))?;
        Ok(RefreshTokens::new(&environment, client)?)
    })
    .await
}
