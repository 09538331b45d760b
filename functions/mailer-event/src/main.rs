//! Starts the `mailer-event` function in Lambda.

use config::SystemClock;
use mailer::Mailer;
use mailer_event::BusSender;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::run(async |environment, audit| {
        let aws = Aws::from_environment(&environment)?;
        let sender = BusSender::new(&environment, &aws)?;
        Ok(Mailer::new(&environment, &aws, sender, SystemClock, audit).await?)
    })
    .await
}
