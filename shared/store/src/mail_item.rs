//! Requested mails and notices as a stream delivers them.

use auth::{
    attempts::Pseudonym,
    error::StoreError,
    mail::{Grant, LatestMail, MailRecord, Notice, Purpose, QueuedMail, QueuedNotice, Sealed},
    session::RevokeReason,
};
use claims::{Moment, Role, Scope, Timestamp, TokenId, UserId};
use serde::Deserialize;
use serde_bytes::ByteBuf;
use serde_dynamo::{Item, from_item};

use crate::{fault::malformed, mail::ADDRESS, notices::NOTICE};

/// An item of an address in the table of requested mails.
#[derive(Deserialize)]
struct MailItem {
    key: String,
    purpose: String,
    sealed: ByteBuf,
    asked_at: u64,
    attempt: TokenId,
    user_id: Option<UserId>,
    granted_role: Option<Role>,
    granted_scope: Option<Scope>,
    grant_tag: Option<ByteBuf>,
}

/// An item of an address, as far as operators are shown it.
#[derive(Deserialize)]
pub(crate) struct LatestItem {
    purpose: String,
    asks: u64,
    asked_at: u64,
    attempt: TokenId,
    sent_at: Option<u64>,
    refused: Option<String>,
}

/// A notice in the table of requested mails.
#[derive(Deserialize)]
struct NoticeItem {
    key: String,
    user_id: UserId,
    notice: String,
    asked_at: u64,
    sealed: Option<ByteBuf>,
}

/// A session that a theft has ended, in the table of sessions.
#[derive(Deserialize)]
struct StolenSession {
    user_id: UserId,
    revoked_at: Timestamp,
    revoke_reason: RevokeReason,
}

/// A session on a new device, in the table of sessions.
#[derive(Deserialize)]
struct NewDeviceSession {
    user_id: UserId,
    created_at: Option<Timestamp>,
    auth_time: Timestamp,
    new_device: bool,
}

impl LatestItem {
    /// Returns the mail, or `None` if its purpose is unknown.
    pub(crate) fn into_latest(self) -> Option<LatestMail> {
        Some(LatestMail {
            purpose: Purpose::from_name(&self.purpose)?,
            record: MailRecord {
                asks: self.asks,
                asked_at: Moment::new(self.asked_at),
                attempt: self.attempt,
            },
            done_at: self.sent_at.map(Moment::new),
            refused: self.refused,
        })
    }
}

/// What a stream asks the mailer to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailTask {
    /// Deliver a requested mail.
    Mail(QueuedMail),
    /// Deliver a notice.
    Notice(QueuedNotice),
    /// Queue a notice, because the table of sessions shows that something happened.
    Queue(QueuedNotice),
}

impl MailTask {
    /// Reads a task from an item of [`crate::MailTable`] or [`crate::SessionTable`].
    ///
    /// # Errors
    /// If the item is none of these.
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let mail = || from_item(item.clone()).ok().and_then(to_mail).map(Self::Mail);
        let notice = || from_item(item.clone()).ok().and_then(to_notice).map(Self::Notice);
        let theft = || from_item(item.clone()).ok().and_then(to_theft).map(Self::Queue);
        // A session that was stolen later may have begun on a new device.
        let new_device = || from_item(item.clone()).ok().and_then(to_new_device).map(Self::Queue);
        let task = mail().or_else(notice).or_else(theft).or_else(new_device);
        task.ok_or_else(|| malformed("read queued mail"))
    }
}

fn to_mail(item: MailItem) -> Option<QueuedMail> {
    let grant = match (item.granted_role, item.granted_scope, item.grant_tag) {
        (Some(role), Some(scope), Some(tag)) => Some(Grant {
            role,
            scope,
            tag: tag.into_vec(),
        }),
        (None, None, None) => None,
        _ => return None,
    };
    Some(QueuedMail {
        address: Pseudonym::parse(item.key.strip_prefix(ADDRESS)?)?,
        purpose: Purpose::from_name(&item.purpose)?,
        sealed: Sealed::from_bytes(&item.sealed)?,
        asked_at: Moment::new(item.asked_at),
        attempt: item.attempt,
        user_id: item.user_id,
        grant,
    })
}

fn to_notice(item: NoticeItem) -> Option<QueuedNotice> {
    item.key.strip_prefix(NOTICE)?;
    let to = item.sealed.map(|sealed| Sealed::from_bytes(&sealed).ok_or(()));
    Some(QueuedNotice {
        to: to.transpose().ok()?,
        ..QueuedNotice::new(
            item.user_id,
            Notice::from_name(&item.notice)?,
            Moment::new(item.asked_at),
        )
    })
}

fn to_theft(item: StolenSession) -> Option<QueuedNotice> {
    let at = moment(item.revoked_at)?;
    (item.revoke_reason == RevokeReason::Theft).then(|| QueuedNotice::new(item.user_id, Notice::Theft, at))
}

/// The notice has the time of the login, so a later change of the session leads to the same notice, which is queued once.
fn to_new_device(item: NewDeviceSession) -> Option<QueuedNotice> {
    let at = moment(item.created_at.unwrap_or(item.auth_time))?;
    item.new_device
        .then(|| QueuedNotice::new(item.user_id, Notice::NewDevice, at))
}

fn moment(time: Timestamp) -> Option<Moment> {
    Some(Moment::new(time.get().checked_mul(1000)?))
}
