//! Notices in the table of requested mails. Their updates have no condition, so that they can be part of a transaction
//! without making it fail.

use auth::{
    error::StoreError,
    mail::{MAIL_FORGOTTEN_AFTER, MarkSent, QueueNotice, QueuedNotice},
};
use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder, primitives::Blob, types::AttributeValue,
};
use claims::Moment;

use crate::{
    MailTable,
    attempts::{number, send},
};

/// The start of the key of a notice.
pub(crate) const NOTICE: &str = "notice#";

impl QueueNotice for MailTable {
    async fn queue_notice(&self, notice: &QueuedNotice) -> Result<(), StoreError> {
        send("queue notice", self.notice_update(notice)).await.map(drop)
    }
}

impl MarkSent<QueuedNotice> for MailTable {
    async fn is_sent(&self, notice: &QueuedNotice) -> Result<bool, StoreError> {
        let sent = self.read_sent(&notice_key(notice)).await?;
        Ok(sent.is_some_and(|sent| sent.sent_at.is_some()))
    }

    async fn mark_sent(&self, notice: &QueuedNotice, now: Moment) -> Result<(), StoreError> {
        let update = self
            .update(&notice_key(notice))
            .condition_expression("attribute_exists(asked_at)")
            .update_expression("SET sent_at = :now")
            .expression_attribute_values(":now", number(now.get()));
        send("mark notice", update).await.map(drop)
    }
}

impl MailTable {
    /// Returns the update that queues a notice. If one of its kind is queued in this window, the update changes nothing,
    /// and the stream has no record of it.
    pub(crate) fn notice_update(&self, notice: &QueuedNotice) -> UpdateItemFluentBuilder {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let update = self
            .update(&notice_key(notice))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":purpose", text("notice"))
            .expression_attribute_values(":user_id", text(notice.user_id.as_str()))
            .expression_attribute_values(":notice", text(notice.what.as_str()))
            .expression_attribute_values(":at", number(notice.at.get()))
            .expression_attribute_values(":ttl", number(notice.at.timestamp().plus(MAIL_FORGOTTEN_AFTER).get()));
        let set = "SET purpose = if_not_exists(purpose, :purpose), user_id = if_not_exists(user_id, :user_id), \
                   notice = if_not_exists(notice, :notice), asked_at = if_not_exists(asked_at, :at), \
                   #ttl = if_not_exists(#ttl, :ttl)";
        match &notice.to {
            None => update.update_expression(set),
            Some(to) => update
                .update_expression(format!("{set}, sealed = if_not_exists(sealed, :sealed)"))
                .expression_attribute_values(":sealed", AttributeValue::B(Blob::new(to.as_bytes()))),
        }
    }
}

fn notice_key(notice: &QueuedNotice) -> String {
    format!(
        "{NOTICE}{}#{}#{}",
        notice.user_id,
        notice.what.as_str(),
        notice.window()
    )
}
