//! The port for sending mails.

use std::{fmt, future::Future};

/// A mail that is ready to be sent.
#[derive(Clone, Copy)]
pub struct OutgoingMail<'a> {
    /// The id of the mail. A duplicate has the same one.
    pub id: &'a str,
    /// The address of the recipient.
    pub to: &'a str,
    /// The sender: an address, or a name and an address, such as `Example <login@example.com>`.
    pub from: &'a str,
    /// The subject, which is one line.
    pub subject: &'a str,
    /// The plain text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: &'a str,
    /// Why the mail is sent, such as `reset`.
    pub purpose: &'a str,
    /// The language of the mail, as a language tag.
    pub language: &'a str,
}

/// An address is personal data, and a link or a code opens an account, so `Debug` shows neither.
impl fmt::Debug for OutgoingMail<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mail = formatter.debug_struct("OutgoingMail");
        mail.field("id", &self.id).field("purpose", &self.purpose);
        mail.finish_non_exhaustive()
    }
}

/// Sends mails.
///
/// Law: the same mail may be sent twice, and an error means that it may or may not have been sent.
pub trait SendMail: Send + Sync {
    /// Sends a mail.
    ///
    /// # Errors
    /// If the mail was refused, or may not have been sent.
    fn send(&self, mail: &OutgoingMail<'_>) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// Why a mail may not have been sent. A cause has no address and no content of the mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// This mail will never be sent, for example because its address is invalid. The caller must not try again.
    #[error("the mail was refused: {cause}")]
    Refused {
        /// The cause.
        cause: String,
    },
    /// No mail can be sent now. The caller may try again.
    #[error("the mail could not be sent: {cause}")]
    Unavailable {
        /// The cause.
        cause: String,
    },
}

impl SendError {
    /// Returns the error for a mail that will never be sent.
    #[must_use]
    pub fn refused(cause: &str) -> Self {
        Self::Refused {
            cause: cause.to_owned(),
        }
    }

    /// Returns the error for a mail that can be sent again.
    #[must_use]
    pub fn unavailable(cause: &str) -> Self {
        Self::Unavailable {
            cause: cause.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_does_not_show_its_recipient_and_content() {
        let secret = "canary-4f1e";
        let mail = OutgoingMail {
            id: "1",
            to: secret,
            from: secret,
            subject: secret,
            text: secret,
            html: secret,
            purpose: "reset",
            language: "en",
        };

        assert_eq!(
            format!("{mail:?}"),
            "OutgoingMail { id: \"1\", purpose: \"reset\", .. }"
        );
    }
}
