//! Starts the `rotate-keys` function in Lambda.

use config::SystemClock;
use rotate_keys::RotateKeys;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::run(async |environment, audit| {
        let aws = Aws::from_environment(&environment)?;
        Ok(RotateKeys::new(&environment, &aws, SystemClock, audit)?)
    })
    .await
}
