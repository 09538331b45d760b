//! Turning a requested mail into a letter. No other step of a request for a mail knows whether a user has the address,
//! and only the mailbox learns the answer.

use claims::{Issuer, Moment, SignError, TokenId};

use crate::{
    attempts::PseudonymKey,
    error::StoreError,
    keys::LinkKeys,
    mail::{
        Addressed, BudgetMail, Language, MailBudget, MailKeys, MarkRefused, MarkSent, Purpose, QueuedMail,
        QueuedNotice, SendLetter, SendLetterError, write::Due,
    },
    password::FindPassword,
    user::FindUser,
};

/// What is needed to write letters.
#[derive(Clone, Copy, Debug)]
pub struct Mailer<'a> {
    /// The keys that open addresses.
    pub mail_keys: &'a MailKeys,
    /// The keys that sign links and make codes.
    pub link_keys: &'a LinkKeys,
    /// The key of pseudonyms.
    pub pseudonyms: &'a PseudonymKey,
    /// The issuer of the links.
    pub issuer: &'a Issuer,
    /// Whether letters have codes besides their links.
    pub has_codes: bool,
    /// The maximum number of letters an hour to addresses that no user has.
    pub registrations_per_hour: u64,
    /// The maximum number of all other letters an hour.
    pub mails_per_hour: u64,
}

/// What became of a requested mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// A letter was sent.
    Sent,
    /// The mail had been sent before.
    Before,
    /// No letter is due, for example because nobody has the address.
    NotDue,
    /// The request could not be read. It was sealed with another key, or somebody else wrote it.
    Unreadable,
    /// The budget of this hour is used up. The letter will not be sent.
    OverBudget,
    /// The provider will never send the letter.
    Refused(String),
}

/// Why a mail could not be delivered now. Another try may succeed.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A link could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The letter may or may not have been sent.
    #[error("{0}")]
    Unavailable(String),
}

/// Writes and sends the letter that a requested mail leads to. A mail that is delivered twice is the same mail, byte
/// for byte, because the letter follows from the request, the user and the keys.
///
/// Every readable request is marked as sent, even if no letter is due or the budget is used up, so the store does not
/// tell who exists. The exception is a test letter, which is marked with the cause if it is not sent.
///
/// # Errors
/// If the store, the keys or the provider fail. The mail may then have been sent.
pub async fn deliver(
    mail: &QueuedMail,
    now: Moment,
    mailer: Mailer<'_>,
    users: &(impl FindPassword + FindUser),
    outbox: &(impl MarkSent<QueuedMail> + MarkRefused + BudgetMail),
    sender: &impl SendLetter,
) -> Result<Delivered, DeliverError> {
    let Some(to) = mailer.open(mail) else {
        return Ok(Delivered::Unreadable);
    };
    if outbox.is_sent(mail).await? {
        return Ok(Delivered::Before);
    }
    let due = mailer.write(mail, &to, users).await?;
    let (id, language) = (&mail.attempt, to.language.as_ref());
    let delivered = mailer.send(due, id, language, now, outbox, sender).await?;
    match delivered.refusal() {
        Some(why) if mail.purpose == Purpose::Test => outbox.mark_refused(mail, why, now).await?,
        _ => outbox.mark_sent(mail, now).await?,
    }
    Ok(delivered)
}

/// Writes and sends a notice, in the language of the deployment.
///
/// # Errors
/// The same as those of [`deliver`].
pub async fn deliver_notice(
    notice: &QueuedNotice,
    now: Moment,
    mailer: Mailer<'_>,
    users: &(impl FindPassword + FindUser),
    outbox: &(impl MarkSent<QueuedNotice> + BudgetMail),
    sender: &impl SendLetter,
) -> Result<Delivered, DeliverError> {
    if outbox.is_sent(notice).await? {
        return Ok(Delivered::Before);
    }
    let due = mailer.write_notice(notice, users).await?;
    let delivered = mailer.send(due, &notice.id(), None, now, outbox, sender).await?;
    outbox.mark_sent(notice, now).await?;
    Ok(delivered)
}

impl Delivered {
    /// Returns why a letter that was due will never be sent.
    fn refusal(&self) -> Option<&str> {
        match self {
            Self::OverBudget => Some("the budget of the hour is used up"),
            Self::Refused(cause) => Some(cause),
            Self::Sent | Self::Before | Self::NotDue | Self::Unreadable => None,
        }
    }
}

impl Mailer<'_> {
    /// Sends a letter if one is due and the budget allows it.
    async fn send(
        self,
        due: Option<Due>,
        id: &TokenId,
        language: Option<&Language>,
        now: Moment,
        outbox: &impl BudgetMail,
        sender: &impl SendLetter,
    ) -> Result<Delivered, DeliverError> {
        let Some(due) = due else {
            return Ok(Delivered::NotDue);
        };
        if let Some(budget) = due.budget {
            let limit = match budget {
                MailBudget::Registrations => self.registrations_per_hour,
                MailBudget::Users => self.mails_per_hour,
            };
            if !outbox.count_mail(budget, limit, now).await? {
                return Ok(Delivered::OverBudget);
            }
        }
        let addressed = Addressed {
            to: &due.to,
            language,
            id,
            letter: &due.letter,
        };
        match sender.send_letter(&addressed).await {
            Ok(()) => Ok(Delivered::Sent),
            Err(SendLetterError::Refused(cause)) => Ok(Delivered::Refused(cause)),
            Err(SendLetterError::Unavailable(cause)) => Err(DeliverError::Unavailable(cause)),
        }
    }
}
