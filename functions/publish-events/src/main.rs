//! Starts the `publish-events` function in Lambda.

use config::SystemClock;
use publish_events::PublishEvents;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::run(async |environment, audit| {
        let aws = Aws::from_environment(&environment)?;
        Ok(PublishEvents::new(&environment, &aws, SystemClock, audit)?)
    })
    .await
}
