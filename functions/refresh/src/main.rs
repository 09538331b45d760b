//! Starts the `refresh` function in Lambda.

use refresh::RefreshTokens;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::StartError> {
    api::run(async |environment| Ok(RefreshTokens::new(&environment, store::client().await?)?)).await
}
