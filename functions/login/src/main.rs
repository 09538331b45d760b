//! Starts the `login` function in Lambda.

use login::Login;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::StartError> {
    api::run(async |environment| Ok(Login::new(&environment, store::client().await?)?)).await
}
