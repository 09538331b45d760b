//! Starts the `request-mail` function in Lambda.

use request_mail::RequestMail;
use runtime::StartError;
use store::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    api::run(async |environment, now| {
        let aws = Aws::from_environment(&environment)?;
        Ok(RequestMail::new(&environment, &aws, now).await?)
    })
    .await
}
