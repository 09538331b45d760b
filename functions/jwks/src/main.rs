//! Starts the `jwks` function in Lambda.

use jwks::WellKnown;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::StartError> {
    api::run(async |environment| Ok(WellKnown::new(&environment)?)).await
}
