//! The port for sending mails, with events of Amazon EventBridge.

use auth::mail::recipient;
use bus::{Bus, BusError};
use config::{ConfigError, Environment};
use mailer::{OutgoingMail, SendError, SendMail};
use serde::Serialize;
use store::Aws;

/// The type of the events.
const KIND: &str = "gatehouse.mail.requested";

/// Puts mails on an event bus. An event has all that is needed to send the mail, with its link and code, so anyone who
/// may read the events of the bus can take over accounts.
#[derive(Clone, Debug)]
pub struct BusSender(Bus);

/// The detail of an event. Each mail may be put more than once, so receivers have to recognise a mail by its `id`.
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
        Bus::new(environment, aws, environment.mail_bus()?).map(Self)
    }
}

impl SendMail for BusSender {
    /// Puts a mail on the bus. It counts as sent when EventBridge has accepted it.
    async fn send(&self, mail: &OutgoingMail<'_>) -> Result<(), SendError> {
        let to = recipient(mail.to).ok_or_else(|| SendError::refused("the address is invalid"))?;
        let detail = Detail {
            id: mail.id,
            purpose: mail.purpose,
            language: mail.language,
            to: &to,
            from: mail.from,
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
        };
        self.0.put(KIND, &detail).await.map_err(|error| match error {
            BusError::Refused(cause) => SendError::refused(&cause),
            BusError::Unavailable(cause) => SendError::unavailable(&cause),
        })
    }
}
