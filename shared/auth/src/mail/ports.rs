//! The ports to the store of requested mails, and to whatever sends letters.

use std::future::Future;

use claims::{Moment, Span, TokenId, UserId};

use crate::{
    attempts::Pseudonym,
    error::StoreError,
    mail::{Grant, Language, Letter, Purpose, QueuedNotice, Queueing, Sealed},
    user::Email,
};

/// A requested mail, as it waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMail {
    /// The pseudonym of the address that the mail is counted for.
    pub address: Pseudonym,
    /// Why it was requested.
    pub purpose: Purpose,
    /// The address that the request is about: where the mail goes, or for [`Purpose::AddressOld`] where the user wants
    /// to move.
    pub sealed: Sealed,
    /// When it was requested.
    pub asked_at: Moment,
    /// The id of the request.
    pub attempt: TokenId,
    /// The user who requested it, if one was logged in, or for whom an operator did. Nobody has an answer then with
    /// which a code would be valid.
    pub user_id: Option<UserId>,
    /// What an operator grants to the person who accepts the invitation.
    pub grant: Option<Grant>,
}

/// Queues mails. This one write is both the limit and the outbox.
///
/// Laws: a mail is queued if and only if [`crate::mail::MailRecord::admit`] admits it to the stored record. In the same
/// step, it is recorded in the form that [`crate::mail::MailRecord::asked`] returns, so concurrent requests queue no
/// more mails than consecutive ones. A request that is not admitted changes nothing. A request that is repeated because
/// its answer was lost is queued once.
pub trait QueueMail: Sync {
    /// Queues a mail if it is admitted.
    fn queue(&self, mail: &QueuedMail) -> impl Future<Output = Result<Queueing, StoreError>> + Send;
}

/// Queues notices.
///
/// Laws: of the notices of one kind to one user in one [`crate::mail::NOTICE_WINDOW`], the first is queued, and the
/// others change nothing.
pub trait QueueNotice: Sync {
    /// Queues a notice, unless one of its kind is queued in this window.
    fn queue_notice(&self, notice: &QueuedNotice) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Without an outbox, no notice is queued: the deployment sends no mail.
impl<Q: QueueNotice> QueueNotice for Option<Q> {
    async fn queue_notice(&self, notice: &QueuedNotice) -> Result<(), StoreError> {
        match self {
            Some(outbox) => outbox.queue_notice(notice).await,
            None => Ok(()),
        }
    }
}

/// Records which mails have been sent. `M` is [`QueuedMail`] or [`QueuedNotice`].
///
/// Law: a mail counts as sent only if it was marked itself. Another request for the same address does not count as sent,
/// even one that was made at the same time.
pub trait MarkSent<M>: Sync {
    /// Returns whether this mail is marked as sent, read consistently.
    fn is_sent(&self, mail: &M) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Marks the mail as sent, unless a newer one was requested for the same address.
    fn mark_sent(&self, mail: &M, now: Moment) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Records why test letters were not sent. Other letters have no such record, because it would show who has an account.
///
/// Law: the mail that was marked counts as sent, like one that [`MarkSent`] marks, so it is not delivered again.
pub trait MarkRefused: Sync {
    /// Marks the mail as one that will not be sent, unless a newer one was requested for the same address. `why` has no
    /// address and no content of a mail.
    fn mark_refused(
        &self,
        mail: &QueuedMail,
        why: &str,
        now: Moment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The budgets of mails in an hour, each with its own count. Registrations cannot use up the other budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailBudget {
    /// Letters to addresses that no user has.
    Registrations,
    /// All other letters.
    Users,
}

/// The length of the windows in which sent mails are counted.
pub const BUDGET_WINDOW: Span = Span::seconds(60 * 60);

/// Counts sent mails in each hour.
///
/// Law: in one hour, at most `limit` mails of a budget are admitted.
pub trait BudgetMail: Sync {
    /// Counts a mail, unless the budget of the hour is used up. Returns whether it was counted.
    fn count_mail(
        &self,
        budget: MailBudget,
        limit: u64,
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Why a letter was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendLetterError {
    /// The letter will never be sent, for example because the provider refuses the address.
    #[error("the mail was refused: {0}")]
    Refused(String),
    /// The letter may or may not have been sent. Another try may succeed.
    #[error("the mail could not be sent: {0}")]
    Unavailable(String),
}

/// A letter with its recipient.
#[derive(Debug)]
pub struct Addressed<'a> {
    /// The recipient.
    pub to: &'a Email,
    /// The language that was requested, if any.
    pub language: Option<&'a Language>,
    /// The id of the mail. A duplicate has the same one.
    pub id: &'a TokenId,
    /// The letter.
    pub letter: &'a Letter,
}

/// Sends letters.
///
/// Law: a letter that is sent twice is the same letter, byte for byte.
pub trait SendLetter: Sync {
    /// Sends a letter.
    fn send_letter(&self, addressed: &Addressed<'_>) -> impl Future<Output = Result<(), SendLetterError>> + Send;
}
