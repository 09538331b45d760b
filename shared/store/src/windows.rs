//! Counts within time windows, in the table of attempts. An item counts the failures of one source, or one kind of
//! success of one user, in one window. Every change is one conditional write.

use auth::{
    attempts::{
        Admission, CountSources, CountSuccesses, DEVICE_LOGINS, Pseudonym, SOURCE_WINDOW, SUCCESS_WINDOW, Success,
        source_window, success_window,
    },
    error::StoreError,
};
use aws_sdk_dynamodb::{operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue};
use claims::{Moment, Span};

use crate::{
    Attempts, MailTable,
    attempts::{Write, number, send},
};

impl CountSources for Attempts {
    async fn count_source(&self, source: &Pseudonym, limit: u64, now: Moment) -> Result<Admission, StoreError> {
        count_source(|record| self.update(record), source, limit, now).await
    }

    async fn excuse_source(&self, source: &Pseudonym, now: Moment) -> Result<(), StoreError> {
        excuse_source(|record| self.update(record), source, now).await
    }
}

impl CountSources for MailTable {
    async fn count_source(&self, source: &Pseudonym, limit: u64, now: Moment) -> Result<Admission, StoreError> {
        count_source(|record| self.update(record), source, limit, now).await
    }

    async fn excuse_source(&self, source: &Pseudonym, now: Moment) -> Result<(), StoreError> {
        excuse_source(|record| self.update(record), source, now).await
    }
}

/// Counts a failure of a source. `update` starts a conditional update of the item with this key.
async fn count_source(
    update: impl FnOnce(&str) -> UpdateItemFluentBuilder,
    source: &Pseudonym,
    limit: u64,
    now: Moment,
) -> Result<Admission, StoreError> {
    let (window, left) = source_window(now);
    let update = update(&window_record(source, window))
        .condition_expression("attribute_not_exists(failures) OR failures < :limit")
        .update_expression("SET #ttl = :ttl ADD failures :one")
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_values(":ttl", number(expiry(now, SOURCE_WINDOW)))
        .expression_attribute_values(":limit", number(limit))
        .expression_attribute_values(":one", number(1));
    Ok(match send("count source", update).await? {
        Write::Done => Admission::Admitted,
        Write::Refused(_) => Admission::Wait(left),
    })
}

/// Takes back a failure of a source. `update` starts a conditional update of the item with this key.
async fn excuse_source(
    update: impl FnOnce(&str) -> UpdateItemFluentBuilder,
    source: &Pseudonym,
    now: Moment,
) -> Result<(), StoreError> {
    let (window, _) = source_window(now);
    let update = update(&window_record(source, window))
        .condition_expression("failures > :none")
        .update_expression("ADD failures :less")
        .expression_attribute_values(":none", number(0))
        .expression_attribute_values(":less", AttributeValue::N("-1".to_owned()));
    // If the answer to a first try is lost, the second one takes back another failure. The source then has one more
    // attempt, which does less harm than a login that fails.
    send("excuse source", update).await.map(drop)
}

impl CountSuccesses for Attempts {
    async fn count_success(&self, success: &Success, now: Moment) -> Result<Admission, StoreError> {
        let (_, left) = success_window(now);
        Ok(
            match send("count success", self.count_success_update(success, now)).await? {
                Write::Done => Admission::Admitted,
                Write::Refused(_) => Admission::Wait(left),
            },
        )
    }
}

impl Attempts {
    /// Returns the update that counts a success, unless the limit of the user or of the device is reached.
    pub(crate) fn count_success_update(&self, success: &Success, now: Moment) -> UpdateItemFluentBuilder {
        let (window, _) = success_window(now);
        let update = self
            .update(&format!("{}#{window}", success.record()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(expiry(now, SUCCESS_WINDOW)))
            .expression_attribute_values(":limit", number(success.limit()))
            .expression_attribute_values(":one", number(1));
        let all = "(attribute_not_exists(successes) OR successes < :limit)";
        let count = "SET #ttl = :ttl ADD successes :one";
        match success.device() {
            None => update.condition_expression(all).update_expression(count),
            Some(device) => update
                .condition_expression(format!(
                    "{all} AND (attribute_not_exists(#device) OR #device < :of_device)"
                ))
                .update_expression(format!("{count}, #device :one"))
                .expression_attribute_names("#device", format!("successes#{device}"))
                .expression_attribute_values(":of_device", number(DEVICE_LOGINS)),
        }
    }
}

fn window_record(source: &Pseudonym, window: u64) -> String {
    format!("source#{}#{window}", source.as_str())
}

/// Returns the Unix time in seconds from which DynamoDB may delete an item that is written now: its window is over by
/// then.
pub(crate) const fn expiry(now: Moment, window: Span) -> u64 {
    now.timestamp().plus(window).plus(window).get()
}
