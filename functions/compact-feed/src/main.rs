//! Starts the `compact-feed` function in Lambda.

use compact_feed::CompactFeed;
use config::SystemClock;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::run(async |environment, audit| {
        let aws = Aws::from_environment(&environment)?;
        Ok(CompactFeed::new(&environment, &aws, SystemClock, audit)?)
    })
    .await
}
