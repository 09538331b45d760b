//! Starts the `logout` function in Lambda.

use logout::Logout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::StartError> {
    api::run(async |environment| Ok(Logout::new(&environment, store::client().await?)?)).await
}
