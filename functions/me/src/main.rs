//! Starts the `me` function in Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    api::run(async |_, _| Ok(me::Me)).await
}
