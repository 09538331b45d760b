//! The port for sending mails, with the API of Amazon SES (version 2).

use auth::mail::recipient;
use aws_sdk_sesv2::{
    Client,
    error::SdkError,
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};
use config::{ConfigError, Environment};
use mailer::{OutgoingMail, SendError, SendMail};
use store::{Aws, Patience};

use crate::mailbox::encode_mailbox;

/// The environment variable with the URL of SES, if it is not at its region's endpoint.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_SESV2";
/// Keeps programs that answer mails, such as notices of absence, from answering (RFC 3834 s5).
const AUTO_SUBMITTED: (&str, &str) = ("Auto-Submitted", "auto-generated");
/// The header with the id of the mail. SES replaces every `Message-ID`, so this one shows which mails are duplicates.
const ID: &str = "X-Gatehouse-Id";
/// The tag in the events of a configuration set by which bounces and complaints are counted.
const PURPOSE: &str = "purpose";

/// Sends mails with SES. `SendEmail` has no token that would make it idempotent, so a mail that is sent again after a
/// lost answer arrives twice.
#[derive(Clone, Debug)]
pub struct SesSender {
    client: Client,
    configuration_set: Option<String>,
}

impl SesSender {
    /// Creates the sender from the function's environment. It connects on its first call.
    ///
    /// # Errors
    /// If a variable is invalid.
    pub fn new(environment: &Environment, aws: &Aws) -> Result<Self, ConfigError> {
        let aws = aws.clone().with_patience(Patience::for_mail());
        Ok(Self {
            client: Client::new(&aws.service_config(environment, ENDPOINT)?),
            configuration_set: environment.mail_configuration_set()?,
        })
    }
}

impl SendMail for SesSender {
    /// Sends a mail. An address that is on the suppression list of SES is not refused here: SES accepts the mail, does
    /// not send it, and reports a bounce.
    async fn send(&self, mail: &OutgoingMail<'_>) -> Result<(), SendError> {
        let to = recipient(mail.to).ok_or_else(|| SendError::refused("the address is invalid"))?;
        let unbuilt = |_| SendError::unavailable("the request could not be built");
        let tag = MessageTag::builder().name(PURPOSE).value(mail.purpose).build();
        let call = self
            .client
            .send_email()
            .from_email_address(encode_mailbox(mail.from))
            .destination(Destination::builder().to_addresses(to).build())
            .content(content(mail).map_err(unbuilt)?)
            .email_tags(tag.map_err(unbuilt)?)
            .set_configuration_set_name(self.configuration_set.clone());
        // Boxed, because the future of a call is large.
        let answer = Box::pin(call.send()).await.map_err(|error| send_error(&error))?;
        match answer.message_id() {
            Some(_) => Ok(()),
            None => Err(SendError::unavailable("the answer has no message id")),
        }
    }
}

/// Returns the message, whose parts are all in UTF-8.
fn content(mail: &OutgoingMail<'_>) -> Result<EmailContent, aws_sdk_sesv2::error::BuildError> {
    let utf_8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let header = |(name, value): (&str, &str)| MessageHeader::builder().name(name).value(value).build();
    let body = Body::builder().text(utf_8(mail.text)?).html(utf_8(mail.html)?);
    let message = Message::builder()
        .subject(utf_8(mail.subject)?)
        .body(body.build())
        .headers(header(AUTO_SUBMITTED)?)
        .headers(header((ID, mail.id))?);
    Ok(EmailContent::builder().simple(message.build()).build())
}

/// Returns the error for a failed call.
///
/// SES refuses a mail for good only if the mail itself is wrong. `BadRequestException` stands for an address or a
/// header that it cannot parse, and `MessageRejected` for content that it does not send, or for an address that an
/// account in the sandbox has not verified. The same bytes would get the same answer.
///
/// All other errors concern every mail: sending is paused or suspended, the domain is not verified, the configuration
/// set does not exist, permissions are missing, or a quota is used up. Operators can repair that, so the mail is not
/// refused.
fn send_error<R: std::fmt::Debug + 'static>(error: &SdkError<SendEmailError, R>) -> SendError {
    let cause = store::cause(error);
    let refused = error
        .as_service_error()
        .is_some_and(|error| error.is_bad_request_exception() || error.is_message_rejected());
    if refused {
        SendError::refused(cause)
    } else {
        SendError::unavailable(cause)
    }
}
