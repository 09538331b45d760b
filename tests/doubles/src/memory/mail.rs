//! Requested mails in memory, with the rules of [`auth::mail`].

use std::collections::BTreeMap;

use auth::{
    error::StoreError,
    mail::{
        BUDGET_WINDOW, BudgetMail, MailBudget, MailRecord, MarkRefused, MarkSent, Notice, QueueMail, QueueNotice,
        QueuedMail, QueuedNotice, Queueing,
    },
};
use claims::{Moment, UserId};

use super::Memory;

/// The last mail that was requested for an address.
#[derive(Debug)]
pub(super) struct Mail {
    record: MailRecord,
    queued: QueuedMail,
    sent_at: Option<Moment>,
}

impl Mail {
    /// Returns whether this request queued the mail.
    fn is_of(&self, mail: &QueuedMail) -> bool {
        self.record.asked_at == mail.asked_at && self.record.attempt == mail.attempt
    }
}

impl Memory {
    /// Returns the mails that wait to be sent, as a stream would deliver them.
    #[must_use]
    pub fn queued_mails(&self) -> Vec<QueuedMail> {
        let tables = self.tables();
        let waiting = tables.mails.values().filter(|mail| mail.sent_at.is_none());
        waiting.map(|mail| mail.queued.clone()).collect()
    }
}

impl Memory {
    /// Returns the notices that wait to be sent, as a stream would deliver them.
    #[must_use]
    pub fn queued_notices(&self) -> Vec<QueuedNotice> {
        let tables = self.tables();
        let waiting = tables.notices.values().filter(|(_, sent_at)| sent_at.is_none());
        waiting.map(|(notice, _)| notice.clone()).collect()
    }
}

impl QueueMail for Memory {
    async fn queue(&self, mail: &QueuedMail) -> Result<Queueing, StoreError> {
        let mails = &mut self.tables().mails;
        let known = mails.get(&mail.address).map(|known| &known.record);
        let admission = known.map_or(Queueing::Queued, |known| known.admit(&mail.attempt, mail.asked_at));
        let is_known = known.is_some_and(|known| known.attempt == mail.attempt);
        if admission == Queueing::Queued && !is_known {
            let record = MailRecord::asked(known, &mail.attempt, mail.asked_at);
            let queued = mail.clone();
            mails.insert(
                mail.address.clone(),
                Mail {
                    record,
                    queued,
                    sent_at: None,
                },
            );
        }
        Ok(admission)
    }
}

impl MarkSent<QueuedMail> for Memory {
    async fn is_sent(&self, mail: &QueuedMail) -> Result<bool, StoreError> {
        let tables = self.tables();
        let stored = tables.mails.get(&mail.address).filter(|stored| stored.is_of(mail));
        Ok(stored.is_some_and(|stored| stored.sent_at.is_some()))
    }

    async fn mark_sent(&self, mail: &QueuedMail, now: Moment) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let stored = tables.mails.get_mut(&mail.address);
        if let Some(stored) = stored.filter(|stored| stored.is_of(mail)) {
            stored.sent_at = Some(now);
        }
        Ok(())
    }
}

impl MarkRefused for Memory {
    async fn mark_refused(&self, mail: &QueuedMail, _: &str, now: Moment) -> Result<(), StoreError> {
        self.mark_sent(mail, now).await
    }
}

impl QueueNotice for Memory {
    async fn queue_notice(&self, notice: &QueuedNotice) -> Result<(), StoreError> {
        add_notice(&mut self.tables().notices, notice);
        Ok(())
    }
}

impl MarkSent<QueuedNotice> for Memory {
    async fn is_sent(&self, notice: &QueuedNotice) -> Result<bool, StoreError> {
        let tables = self.tables();
        Ok(tables
            .notices
            .get(&key(notice))
            .is_some_and(|(_, sent_at)| sent_at.is_some()))
    }

    async fn mark_sent(&self, notice: &QueuedNotice, now: Moment) -> Result<(), StoreError> {
        if let Some((_, sent_at)) = self.tables().notices.get_mut(&key(notice)) {
            *sent_at = Some(now);
        }
        Ok(())
    }
}

/// The notices, each with the time at which it was sent.
pub(super) type Notices = BTreeMap<NoticeKey, (QueuedNotice, Option<Moment>)>;
type NoticeKey = (UserId, Notice, u64);

/// Queues a notice, unless one of its kind is queued in its window.
pub(super) fn add_notice(notices: &mut Notices, notice: &QueuedNotice) {
    notices.entry(key(notice)).or_insert_with(|| (notice.clone(), None));
}

fn key(notice: &QueuedNotice) -> NoticeKey {
    (notice.user_id.clone(), notice.what, notice.window())
}

impl BudgetMail for Memory {
    async fn count_mail(&self, budget: MailBudget, limit: u64, now: Moment) -> Result<bool, StoreError> {
        let hour = now
            .timestamp()
            .get()
            .checked_div(BUDGET_WINDOW.get())
            .unwrap_or_default();
        let mut tables = self.tables();
        let sent = tables.sent.entry((budget, hour)).or_default();
        let is_within = *sent < limit;
        if is_within {
            *sent = sent.saturating_add(1);
        }
        Ok(is_within)
    }
}
