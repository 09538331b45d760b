//! The port for sending mails, with events of Amazon EventBridge.

use auth::mail::recipient;
use aws_sdk_eventbridge::{
    Client,
    types::{PutEventsRequestEntry, PutEventsResultEntry},
};
use config::{ConfigError, Environment};
use mailer::{OutgoingMail, SendError, SendMail};
use serde::Serialize;
use store::{Aws, Patience};

/// The environment variable with the URL of EventBridge, if it is not at its region's endpoint.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_EVENTBRIDGE";
/// The source of the events, by which rules select them.
const SOURCE: &str = "gatehouse";
/// The type of the events.
const DETAIL_TYPE: &str = "gatehouse.mail.requested";

/// Puts mails on an event bus. An event has all that is needed to send the mail, with its link and code, so anyone who
/// may read the events of the bus can take over accounts.
#[derive(Clone, Debug)]
pub struct BusSender {
    client: Client,
    bus: String,
}

/// The detail of an event. EventBridge may deliver an event more than once, and each mail may be put more than once, so
/// receivers have to recognise a mail by its `id`.
#[derive(Serialize)]
struct Detail<'a> {
    id: &'a str,
    purpose: &'a str,
    language: &'a str,
    to: &'a str,
    from: &'a str,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
}

impl BusSender {
    /// Creates the sender from the function's environment. It connects on its first call.
    ///
    /// # Errors
    /// If a variable is missing or invalid.
    pub fn new(environment: &Environment, aws: &Aws) -> Result<Self, ConfigError> {
        let aws = aws.clone().with_patience(Patience::for_mail());
        Ok(Self {
            client: Client::new(&aws.service_config(environment, ENDPOINT)?),
            bus: environment.mail_bus()?,
        })
    }
}

impl SendMail for BusSender {
    /// Puts a mail on the bus. It counts as sent when EventBridge has accepted it.
    async fn send(&self, mail: &OutgoingMail<'_>) -> Result<(), SendError> {
        let to = recipient(mail.to).ok_or_else(|| SendError::refused("the address is invalid"))?;
        let detail = detail(mail, &to).map_err(|_| SendError::refused("the mail is not JSON"))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .detail(detail);
        let call = self.client.put_events().entries(entry.build());
        // Boxed, because the future of a call is large.
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| SendError::unavailable(store::cause(&error)))?;
        match answer.entries() {
            [entry] if answer.failed_entry_count() == 0 && entry.event_id().is_some() => Ok(()),
            [entry] => Err(entry_error(entry)),
            _ => Err(SendError::unavailable("the answer does not have one entry")),
        }
    }
}

fn detail(mail: &OutgoingMail<'_>, to: &str) -> serde_json::Result<String> {
    serde_json::to_string(&Detail {
        id: mail.id,
        purpose: mail.purpose,
        language: mail.language,
        to,
        from: mail.from,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
    })
}

/// Returns the error for an event that the bus did not accept. The call itself succeeds in this case.
///
/// Only `MalformedDetail` concerns the mail itself. The other codes concern the bus, the permissions or the load, and
/// so every mail, and operators can repair that.
fn entry_error(entry: &PutEventsResultEntry) -> SendError {
    match entry.error_code() {
        Some(code @ "MalformedDetail") => SendError::refused(code),
        Some(code) => SendError::unavailable(code),
        None => SendError::unavailable("an error without a code"),
    }
}
