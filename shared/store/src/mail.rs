//! The table of requested mails. An item of an address is at once the limit on its mails and the next mail to be sent.
//! Every change is one conditional write.

use auth::{
    attempts::Pseudonym,
    error::StoreError,
    mail::{
        BUDGET_WINDOW, BudgetMail, FREE_MAILS, LatestMail, MAIL_FORGOTTEN_AFTER, MAX_MAIL_WAIT, MailBudget, MailRecord,
        MarkRefused, MarkSent, QueueMail, QueuedMail, Queueing, growing_mail_waits,
    },
};
use aws_sdk_dynamodb::{
    Client,
    operation::{delete_item::builders::DeleteItemFluentBuilder, update_item::builders::UpdateItemFluentBuilder},
    primitives::Blob,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use claims::{Moment, TokenId};
use serde::Deserialize;

use crate::{
    attempts::{Item, Write, changed_error, number, send},
    fault::malformed,
    item::read,
    mail_item::LatestItem,
    windows::expiry,
};

/// The maximum number of tries to queue a mail. A try fails if another mail is queued at the same time.
const TRIES: usize = 3;
/// The partition key of the table.
const KEY: &str = "key";
/// The start of the key of an address. What follows is its pseudonym.
pub(crate) const ADDRESS: &str = "to#";

/// The table of requested mails: partition key `key`, a string.
#[derive(Clone, Debug)]
pub struct MailTable {
    client: Client,
    name: String,
}

/// When the last mail to an address was requested, and when it was sent.
#[derive(Deserialize)]
pub(crate) struct LastMail {
    asked_at: u64,
    /// The id of the request. A notice has none.
    attempt: Option<TokenId>,
    pub(crate) sent_at: Option<u64>,
}

impl QueueMail for MailTable {
    async fn queue(&self, mail: &QueuedMail) -> Result<Queueing, StoreError> {
        const OPERATION: &str = "queue mail";
        for _ in 0..TRIES {
            let Write::Refused(found) = send(OPERATION, self.queue_update(mail)).await? else {
                return Ok(Queueing::Queued);
            };
            let seen = found
                .as_ref()
                .and_then(parse_record)
                .ok_or_else(|| malformed(OPERATION))?;
            let admission = seen.admit(&mail.attempt, mail.asked_at);
            if admission != Queueing::Queued || seen.attempt == mail.attempt {
                return Ok(admission);
            }
            let next = MailRecord::asked(Some(&seen), &mail.attempt, mail.asked_at);
            if let Write::Done = send(OPERATION, self.replace(mail, &seen, &next)).await? {
                return Ok(Queueing::Queued);
            }
        }
        Err(changed_error(OPERATION))
    }
}

impl MarkSent<QueuedMail> for MailTable {
    async fn is_sent(&self, mail: &QueuedMail) -> Result<bool, StoreError> {
        let sent = self.read_sent(&address_key(mail)).await?;
        let is_same =
            |sent: &LastMail| sent.asked_at == mail.asked_at.get() && sent.attempt.as_ref() == Some(&mail.attempt);
        Ok(sent.filter(is_same).is_some_and(|sent| sent.sent_at.is_some()))
    }

    async fn mark_sent(&self, mail: &QueuedMail, now: Moment) -> Result<(), StoreError> {
        let update = self.mark_update(mail, now).update_expression("SET sent_at = :now");
        send("mark mail", update).await.map(drop)
    }
}

impl MarkRefused for MailTable {
    async fn mark_refused(&self, mail: &QueuedMail, why: &str, now: Moment) -> Result<(), StoreError> {
        let update = self
            .mark_update(mail, now)
            .update_expression("SET sent_at = :now, refused = :why")
            .expression_attribute_values(":why", AttributeValue::S(why.to_owned()));
        send("mark mail", update).await.map(drop)
    }
}

impl BudgetMail for MailTable {
    async fn count_mail(&self, budget: MailBudget, limit: u64, now: Moment) -> Result<bool, StoreError> {
        // The condition of the update admits the first mail of an hour whatever the limit is.
        if limit == 0 {
            return Ok(false);
        }
        let hour = now
            .timestamp()
            .get()
            .checked_div(BUDGET_WINDOW.get())
            .unwrap_or_default();
        let key = match budget {
            MailBudget::Registrations => format!("sent#register#{hour}"),
            MailBudget::Users => format!("sent#{hour}"),
        };
        let update = self
            .update(&key)
            .condition_expression("attribute_not_exists(mails) OR mails < :limit")
            .update_expression("SET #ttl = :ttl ADD mails :one")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(expiry(now, BUDGET_WINDOW)))
            .expression_attribute_values(":limit", number(limit))
            .expression_attribute_values(":one", number(1));
        Ok(matches!(send("count mail", update).await?, Write::Done))
    }
}

impl MailTable {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Returns a request to delete what is stored about an address.
    pub(crate) fn delete_address(&self, address: &Pseudonym) -> DeleteItemFluentBuilder {
        self.client
            .delete_item()
            .table_name(&self.name)
            .key(KEY, AttributeValue::S(format!("{ADDRESS}{}", address.as_str())))
    }

    /// Reads when the last mail with this key was requested and sent.
    pub(crate) async fn read_sent(&self, key: &str) -> Result<Option<LastMail>, StoreError> {
        read("read mail", &self.client, &self.name, (KEY, key)).await
    }

    /// Returns the start of an update that marks a mail, unless a newer one was requested.
    fn mark_update(&self, mail: &QueuedMail, now: Moment) -> UpdateItemFluentBuilder {
        self.update(&address_key(mail))
            .condition_expression("asked_at = :asked_at AND attempt = :attempt")
            .expression_attribute_values(":asked_at", number(mail.asked_at.get()))
            .expression_attribute_values(":attempt", AttributeValue::S(mail.attempt.to_string()))
            .expression_attribute_values(":now", number(now.get()))
    }

    /// Returns the last mail to an address, or `None` if none was requested in the last days.
    ///
    /// # Errors
    /// If the store fails, or the item is malformed.
    pub async fn latest(&self, address: &Pseudonym) -> Result<Option<LatestMail>, StoreError> {
        const OPERATION: &str = "read mail";
        let key = format!("{ADDRESS}{}", address.as_str());
        let item: Option<LatestItem> = read(OPERATION, &self.client, &self.name, (KEY, &key)).await?;
        item.map(|item| item.into_latest().ok_or_else(|| malformed(OPERATION)))
            .transpose()
    }

    /// Returns the update that queues a mail. Its condition holds only if [`MailRecord::admit`] admits the mail. The
    /// condition fails for some admitted mails too: if the mail is queued already, or the record is forgotten, so that
    /// its count has to start again.
    fn queue_update(&self, mail: &QueuedMail) -> UpdateItemFluentBuilder {
        let now = mail.asked_at;
        let growing: Vec<String> = growing_mail_waits()
            .map(|(asks, _)| format!("(asks = :after_{asks} AND asked_at <= :before_{asks})"))
            .collect();
        let condition = format!(
            "attribute_not_exists(asked_at) OR (asked_at > :forgotten AND attempt <> :attempt AND \
             (asks < :free OR {} OR (asks >= :many AND asked_at <= :before_many)))",
            growing.join(" OR ")
        );
        let many = growing_mail_waits()
            .map(|(asks, _)| asks)
            .last()
            .map_or(FREE_MAILS, |last| last.saturating_add(1));
        let update = growing_mail_waits().fold(self.update(&address_key(mail)), |update, (asks, wait)| {
            update
                .expression_attribute_values(format!(":after_{asks}"), number(asks))
                .expression_attribute_values(format!(":before_{asks}"), number(now.minus(wait).get()))
        });
        let update = update
            .condition_expression(condition)
            .expression_attribute_values(":forgotten", number(now.minus(MAIL_FORGOTTEN_AFTER).get()))
            .expression_attribute_values(":free", number(FREE_MAILS))
            .expression_attribute_values(":many", number(many))
            .expression_attribute_values(":before_many", number(now.minus(MAX_MAIL_WAIT).get()))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1));
        add_mail(update, mail, "if_not_exists(asks, :zero) + :one")
    }

    /// Returns the update that queues a mail if the record is still `seen`, and then has the count of `next`.
    fn replace(&self, mail: &QueuedMail, seen: &MailRecord, next: &MailRecord) -> UpdateItemFluentBuilder {
        let update = self
            .update(&address_key(mail))
            .condition_expression("attempt = :seen AND asked_at = :seen_at")
            .expression_attribute_values(":seen", AttributeValue::S(seen.attempt.to_string()))
            .expression_attribute_values(":seen_at", number(seen.asked_at.get()))
            .expression_attribute_values(":asks", number(next.asks));
        add_mail(update, mail, ":asks")
    }

    /// Returns the start of a conditional update of the item with this key. If the condition does not hold, the error
    /// contains the stored item.
    pub(crate) fn update(&self, key: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .key(KEY, AttributeValue::S(key.to_owned()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// The attributes that only some mails have.
const OPTIONAL: [&str; 4] = ["user_id", "granted_role", "granted_scope", "grant_tag"];

/// Adds the attributes of a mail to an update, and removes those that only the mail before it had. `asks` is the new
/// count.
fn add_mail(update: UpdateItemFluentBuilder, mail: &QueuedMail, asks: &str) -> UpdateItemFluentBuilder {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let bytes = |bytes: &[u8]| AttributeValue::B(Blob::new(bytes));
    let grant = mail.grant.as_ref();
    let values = [
        mail.user_id.as_ref().map(|id| text(id.as_str())),
        grant.map(|grant| text(grant.role.as_str())),
        grant.map(|grant| text(grant.scope.as_str())),
        grant.map(|grant| bytes(&grant.tag)),
    ];
    let (mut set, mut removed) = (
        vec![COUNT.replace("{asks}", asks)],
        vec!["sent_at".to_owned(), "refused".to_owned()],
    );
    let mut update = update
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_values(":sealed", bytes(mail.sealed.as_bytes()))
        .expression_attribute_values(":purpose", text(mail.purpose.as_str()))
        .expression_attribute_values(":now", number(mail.asked_at.get()))
        .expression_attribute_values(":attempt", text(mail.attempt.as_str()))
        .expression_attribute_values(
            ":ttl",
            number(mail.asked_at.timestamp().plus(MAIL_FORGOTTEN_AFTER).get()),
        );
    for (name, value) in OPTIONAL.into_iter().zip(values) {
        let Some(value) = value else {
            removed.push(name.to_owned());
            continue;
        };
        set.push(format!("{name} = :{name}"));
        update = update.expression_attribute_values(format!(":{name}"), value);
    }
    update.update_expression(format!("SET {} REMOVE {}", set.join(", "), removed.join(", ")))
}

/// The assignments for every mail. `{asks}` stands for the new count.
const COUNT: &str = "sealed = :sealed, purpose = :purpose, asked_at = :now, attempt = :attempt, asks = {asks}, \
    #ttl = :ttl";

fn address_key(mail: &QueuedMail) -> String {
    format!("{ADDRESS}{}", mail.address.as_str())
}

/// Returns the record in an item, or `None` if the item is malformed.
fn parse_record(item: &Item) -> Option<MailRecord> {
    let read = |name: &str| item.get(name)?.as_n().ok()?.parse().ok();
    Some(MailRecord {
        asks: read("asks")?,
        asked_at: Moment::new(read("asked_at")?),
        attempt: TokenId::parse(item.get("attempt")?.as_s().ok()?.as_str()).ok()?,
    })
}
