//! Starts the `login` function in Lambda.

use api::StartError;
use login::Login;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment| {
        let client = store::client().await.map_err(|fault| StartError::new(&fault))?;
        Ok(Login::new(&environment, client)?)
    })
    .await
}
