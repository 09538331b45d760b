//! Starts the `pages` function in Lambda.

use pages::Pages;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    api::run(async |environment, _| Ok(Pages::new(&environment)?)).await
}
