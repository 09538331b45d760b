//! The table of password attempts. One item has all lanes of one kind for one address or one user. Every change is one
//! conditional write.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use auth::{
    attempts::{
        Admission, AttemptRecord, CountAttempts, FREE_FAILURES, Lane, MAX_LANES, ManageAttempts, ReadFailures, Tally,
        growing_waits, taken_back,
    },
    error::StoreError,
};
use aws_sdk_dynamodb::{
    Client, Config,
    config::retry::RetryConfig,
    error::SdkError,
    operation::{
        delete_item::builders::DeleteItemFluentBuilder,
        update_item::{UpdateItemError, UpdateItemOutput, builders::UpdateItemFluentBuilder},
    },
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use claims::{Moment, TokenId};
use tokio::time::sleep;

use crate::fault::{malformed, unavailable};

/// The maximum number of tries to count an attempt. A try fails if another attempt is counted at the same time.
const TRIES: usize = 3;
/// The maximum number of retries of a write after conflicts with transactions.
const CONFLICTS: usize = 2;
/// The wait before a write is retried after a conflict with a transaction.
const CONFLICT: Duration = Duration::from_millis(20);
/// The separator between the name of an attribute and the key of its lane.
const OF: char = '#';
/// The attributes of a count. An item has them once for all its lanes together, and once more for each lane. The names
/// of a lane's attributes end with [`OF`] and the lane's key.
const ATTRIBUTES: [&str; 3] = ["failures", "attempted_at", "attempt"];

/// The table of attempts: partition key `counter`, a string, which names what is counted.
#[derive(Clone, Debug)]
pub struct Attempts {
    client: Client,
    table: String,
}

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The result of a conditional write.
pub(crate) enum Write {
    Done,
    /// The condition did not hold. Contains the stored item, if there is one.
    Refused(Option<Item>),
}

impl CountAttempts for Attempts {
    async fn count(&self, lane: &Lane, attempt: &TokenId, now: Moment) -> Result<Admission, StoreError> {
        const OPERATION: &str = "count attempt";
        for _ in 0..TRIES {
            let Write::Refused(found) = send(OPERATION, self.count_update(lane, attempt, now)).await? else {
                return Ok(Admission::Admitted);
            };
            let item = found.ok_or_else(|| changed_error(OPERATION))?;
            let seen = parse_record(&item).ok_or_else(|| malformed(OPERATION))?;
            let known = (!seen.is_forgotten(lane, now)).then_some(&seen);
            let admission = seen.admit(lane, attempt, now);
            let is_counted = known.is_some_and(|known| known.has_counted(lane, attempt));
            if admission != Admission::Admitted || is_counted {
                return Ok(admission);
            }
            let next = AttemptRecord::counted(known, lane, attempt, now);
            if let Write::Done = send(OPERATION, self.replace(lane, &seen, &next)).await? {
                return Ok(Admission::Admitted);
            }
        }
        Err(changed_error(OPERATION))
    }

    async fn take_back(&self, lane: &Lane, attempt: &TokenId) -> Result<(), StoreError> {
        let update = self
            .update(&lane.record())
            .condition_expression("#attempt = :attempt AND #failures > :none AND failures > :none")
            .update_expression("SET failures = failures - :one, #failures = #failures - :one, #attempt = :taken_back")
            .expression_attribute_names("#failures", lane_attribute("failures", lane.key()))
            .expression_attribute_names("#attempt", lane_attribute("attempt", lane.key()))
            .expression_attribute_values(":attempt", AttributeValue::S(attempt.to_string()))
            .expression_attribute_values(":taken_back", AttributeValue::S(taken_back().to_string()))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1));
        send("take back attempt", update).await.map(drop)
    }

    async fn clear(&self, lane: &Lane) -> Result<(), StoreError> {
        send("clear attempts", self.clear_update(lane)).await.map(drop)
    }
}

impl ReadFailures for Attempts {
    async fn failures(&self, lane: &Lane) -> Result<u64, StoreError> {
        let record = self.read("read failures", &lane.record()).await?;
        let own = record.as_ref().and_then(|record| record.lanes.get(lane.key()));
        Ok(own.map_or(0, |own| own.failures))
    }
}

impl ManageAttempts for Attempts {
    async fn attempts(&self, record: &str) -> Result<Option<AttemptRecord>, StoreError> {
        self.read("read attempts", record).await
    }

    async fn remove_attempts(&self, record: &str) -> Result<(), StoreError> {
        let removed = self.delete(record).send().await;
        removed.map_err(|error| unavailable("remove attempts", &error))?;
        Ok(())
    }
}

impl Attempts {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads a record consistently.
    async fn read(&self, operation: &'static str, record: &str) -> Result<Option<AttemptRecord>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("counter", AttributeValue::S(record.to_owned()))
            .consistent_read(true);
        let output = request.send().await.map_err(|error| unavailable(operation, &error))?;
        let record = output.item.map(|item| parse_record(&item));
        record
            .map(|record| record.ok_or_else(|| malformed(operation)))
            .transpose()
    }

    /// Returns a request to delete a record.
    pub(crate) fn delete(&self, record: &str) -> DeleteItemFluentBuilder {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("counter", AttributeValue::S(record.to_owned()))
    }

    /// Returns the update that counts an attempt as [`AttemptRecord::counted`] does. Its condition holds only if
    /// [`AttemptRecord::admit`] admits the attempt. The condition fails for some admitted attempts too: if the record
    /// has already counted the attempt, or if counting it needs another update. That is so if the record is forgotten,
    /// if the lane is used up, or if another lane has to make room for this one.
    fn count_update(&self, lane: &Lane, attempt: &TokenId, now: Moment) -> UpdateItemFluentBuilder {
        let update = growing_waits().fold(self.update(&lane.record()), |update, (failures, wait)| {
            update
                .expression_attribute_values(format!(":after_{failures}"), number(failures))
                .expression_attribute_values(format!(":before_{failures}"), number(now.minus(wait).get()))
        });
        let update = add_names(update, lane)
            .condition_expression(try_condition(lane))
            .update_expression(COUNT)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(expiry(lane, now)))
            .expression_attribute_values(":forgotten", number(lane.forgotten_before(now).get()))
            .expression_attribute_values(":now", number(now.get()))
            .expression_attribute_values(":attempt", AttributeValue::S(attempt.to_string()))
            .expression_attribute_values(":lane", AttributeValue::Ss(vec![lane.key().to_owned()]))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":lanes", AttributeValue::N(MAX_LANES.to_string()));
        match lane.budget() {
            None => update,
            Some(budget) => update.expression_attribute_values(":budget", number(budget)),
        }
    }

    /// Returns the update that forgets the failures in a lane and restores the budget of its record, if there is a
    /// record.
    pub(crate) fn clear_update(&self, lane: &Lane) -> UpdateItemFluentBuilder {
        let update = self
            .update(&lane.record())
            .condition_expression("attribute_exists(failures)")
            .update_expression("SET failures = :none REMOVE #failures, #attempted_at, #attempt DELETE lanes :lane")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":lane", AttributeValue::Ss(vec![lane.key().to_owned()]));
        add_names(update, lane)
    }

    /// Returns the update that replaces the record `seen` with `next`, if no attempt has been counted in it since it
    /// was read.
    fn replace(&self, lane: &Lane, seen: &AttemptRecord, next: &AttemptRecord) -> UpdateItemFluentBuilder {
        let update = add_tally(self.update(&lane.record()), "", &next.all)
            .condition_expression("attempt = :seen AND failures = :seen_failures")
            .expression_attribute_values(":seen", AttributeValue::S(seen.all.attempt.to_string()))
            .expression_attribute_values(":seen_failures", number(seen.all.failures))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(expiry(lane, next.all.at)));
        let (update, own) = match next.lanes.get(lane.key()) {
            Some(own) => (add_names(add_tally(update, "own_", own), lane), REPLACE_LANE),
            None => (update, ""),
        };
        let keys: Vec<String> = next.lanes.keys().cloned().collect();
        let (update, lanes) = if keys.is_empty() {
            (update, "")
        } else {
            let update = update.expression_attribute_values(":lanes", AttributeValue::Ss(keys));
            (update, ", lanes = :lanes")
        };
        let dropped = dropped_attributes(seen, next);
        let placeholders: Vec<&str> = dropped.iter().map(|(placeholder, _)| placeholder.as_str()).collect();
        let remove = if dropped.is_empty() { "" } else { " REMOVE " };
        let change = format!("{REPLACE}{own}{lanes}{remove}{}", placeholders.join(", "));
        dropped
            .into_iter()
            .fold(update.update_expression(change), |update, (placeholder, name)| {
                update.expression_attribute_names(placeholder, name)
            })
    }

    /// Returns the start of a conditional update of the item with this key. If the condition does not hold, the error
    /// contains the stored item.
    pub(crate) fn update(&self, record: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("counter", AttributeValue::S(record.to_owned()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// The update expression that counts an attempt, for the whole record and for one lane.
const COUNT: &str = "SET failures = if_not_exists(failures, :zero) + :one, attempted_at = :now, attempt = :attempt, \
    #ttl = :ttl, #failures = if_not_exists(#failures, :zero) + :one, #attempted_at = :now, #attempt = :attempt \
    ADD lanes :lane";
/// The update expression that replaces the attributes of the whole record.
const REPLACE: &str = "SET failures = :failures, attempted_at = :attempted_at, attempt = :attempt, #ttl = :ttl";
/// The continuation of [`REPLACE`] that also replaces the attributes of one lane.
const REPLACE_LANE: &str = ", #failures = :own_failures, #attempted_at = :own_attempted_at, #attempt = :own_attempt";

/// Returns the condition under which an attempt is counted. It holds if there is no record, or if all of these are
/// true:
///
/// - The record is not forgotten and has not counted this attempt.
/// - The record has this lane or has room for it.
/// - The lane does not have to wait and is not used up.
fn try_condition(lane: &Lane) -> String {
    let growing: Vec<String> = growing_waits()
        .map(|(count, _)| format!("(#failures = :after_{count} AND #attempted_at <= :before_{count})"))
        .collect();
    let budget = match lane.budget() {
        None => "",
        Some(_) => " AND failures < :budget",
    };
    format!(
        "(attribute_not_exists(attempted_at) OR (attempted_at > :forgotten AND attempt <> :attempt{budget})) \
         AND (attribute_not_exists(lanes) OR attribute_exists(#failures) OR size(lanes) < :lanes) \
         AND (attribute_not_exists(#failures) OR \
         (#attempt <> :attempt AND (#failures < :after_{} OR {})))",
        FREE_FAILURES,
        growing.join(" OR ")
    )
}

/// Returns the attributes of the lanes that `next` no longer has, each with a placeholder. They all fit into one
/// expression of at most 4 KB, since a record has at most [`MAX_LANES`] lanes.
fn dropped_attributes(seen: &AttemptRecord, next: &AttemptRecord) -> Vec<(String, String)> {
    let lost = seen.lanes.keys().filter(|lane| !next.lanes.contains_key(*lane));
    let names = lost.flat_map(|lane| ATTRIBUTES.map(|name| lane_attribute(name, lane)));
    names
        .enumerate()
        .map(|(index, name)| (format!("#dropped_{index}"), name))
        .collect()
}

/// Adds the names of a lane's attributes to an update.
fn add_names(update: UpdateItemFluentBuilder, lane: &Lane) -> UpdateItemFluentBuilder {
    ATTRIBUTES.iter().fold(update, |update, name| {
        update.expression_attribute_names(format!("#{name}"), lane_attribute(name, lane.key()))
    })
}

/// Adds the values of a tally to an update. Their placeholders start with `whose`.
fn add_tally(update: UpdateItemFluentBuilder, whose: &str, tally: &Tally) -> UpdateItemFluentBuilder {
    update
        .expression_attribute_values(format!(":{whose}failures"), number(tally.failures))
        .expression_attribute_values(format!(":{whose}attempted_at"), number(tally.at.get()))
        .expression_attribute_values(format!(":{whose}attempt"), AttributeValue::S(tally.attempt.to_string()))
}

/// Returns the name of an attribute of one lane.
fn lane_attribute(name: &str, lane: &str) -> String {
    format!("{name}{OF}{lane}")
}

/// Returns the Unix time in seconds from which DynamoDB may delete an item that is written now.
fn expiry(lane: &Lane, now: Moment) -> u64 {
    now.timestamp().plus(lane.forgotten_after()).get()
}

/// Sends a conditional write, and retries it after a conflict with a transaction. While a change of password writes two
/// counts in a transaction, DynamoDB refuses other writes to the same items, and the SDK does not retry those.
pub(crate) async fn send(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<Write, StoreError> {
    let mut conflicts = 0..CONFLICTS;
    loop {
        match update.clone().send().await {
            Err(SdkError::ServiceError(service))
                if matches!(service.err(), UpdateItemError::TransactionConflictException(_))
                    && conflicts.next().is_some() =>
            {
                sleep(CONFLICT).await;
            }
            sent => return read_write(operation, sent),
        }
    }
}

/// Sends a conditional write that need not succeed. It is never retried: if the first try succeeds but its answer is
/// lost, a retry would apply the write twice.
pub(crate) async fn send_once(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<Write, StoreError> {
    let once = Config::builder().retry_config(RetryConfig::disabled());
    read_write(operation, update.customize().config_override(once).send().await)
}

fn read_write(
    operation: &'static str,
    sent: Result<UpdateItemOutput, SdkError<UpdateItemError>>,
) -> Result<Write, StoreError> {
    match sent {
        Ok(_) => Ok(Write::Done),
        Err(SdkError::ServiceError(service))
            if matches!(service.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
        {
            Ok(Write::Refused(refused_item(service.into_err())))
        }
        Err(error) => Err(unavailable(operation, &error)),
    }
}

fn refused_item(error: UpdateItemError) -> Option<Item> {
    let UpdateItemError::ConditionalCheckFailedException(failure) = error else {
        return None;
    };
    failure.item
}

/// Returns the record in an item, or `None` if the item is malformed.
fn parse_record(item: &Item) -> Option<AttemptRecord> {
    let lanes = item
        .keys()
        .filter_map(|name| name.strip_prefix("failures")?.strip_prefix(OF))
        .map(|lane| Some((lane.to_owned(), parse_tally(item, |name| lane_attribute(name, lane))?)))
        .collect::<Option<BTreeMap<_, _>>>()?;
    Some(AttemptRecord {
        all: parse_tally(item, str::to_owned)?,
        lanes,
    })
}

fn parse_tally(item: &Item, attribute: impl Fn(&str) -> String) -> Option<Tally> {
    let number = |name| item.get(&attribute(name))?.as_n().ok()?.parse().ok();
    Some(Tally {
        failures: number("failures")?,
        at: Moment::new(number("attempted_at")?),
        attempt: TokenId::parse(item.get(&attribute("attempt"))?.as_s().ok()?.as_str()).ok()?,
    })
}

/// Returns the error for a write that was not made because other writes changed its item at the same time.
pub(crate) fn changed_error(operation: &'static str) -> StoreError {
    StoreError::Unavailable {
        operation,
        cause: "too many at once".to_owned(),
    }
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
