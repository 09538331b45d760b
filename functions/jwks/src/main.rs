//! Starts the `jwks` function in Lambda.

use jwks::Jwks;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    api::run(async |environment, _| Ok(Jwks::new(&environment)?)).await
}
