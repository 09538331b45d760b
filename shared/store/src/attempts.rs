//! The table of attempts at passwords: one count for an address, one for its known devices, one for a source and a window.
//! Every change is one conditional write.

use std::collections::{BTreeMap, HashMap};

use auth::{
    Admission, AttemptRecord, CountAttempts, CountSources, DEVICE_FAILURES, FORGOTTEN_AFTER, LONGEST_WAIT, Lane,
    Pseudonym, SOURCE_WINDOW, StoreError, Tally, forgotten_before, growing_waits, source_window,
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use claims::{DeviceId, Millis, TokenId};

use crate::fault::{malformed, unavailable};

/// How often a count starts again because the item moved; each time somebody else's attempt was counted.
const TRIES: usize = 3;
/// How many devices are removed with a record that is forgotten, since an expression has at most 4 KB. What is left of
/// more delays nobody: it is older than any wait.
const MOST_REMOVED: usize = 64;
/// What stands between the name of an attribute and the device that it is of.
const OF: char = '#';

/// The table of attempts: partition key `counter`, a string, which says what is counted.
#[derive(Clone, Debug)]
pub struct Attempts {
    client: Client,
    table: String,
}

type Item = HashMap<String, AttributeValue>;

/// What became of a conditional write.
enum Write {
    Done,
    /// Its condition did not hold of this item.
    Refused(Option<Item>),
}

impl CountAttempts for Attempts {
    async fn count(&self, lane: &Lane, attempt: &TokenId, now: Millis) -> Result<Admission, StoreError> {
        const OPERATION: &str = "count attempt";
        for _ in 0..TRIES {
            let Write::Refused(found) = send(OPERATION, self.one_more(lane, attempt, now)).await? else {
                return Ok(Admission::Admitted);
            };
            let item = found.ok_or_else(|| moved(OPERATION))?;
            let record = record(&item).ok_or_else(|| malformed(OPERATION))?;
            if record.is_forgotten(now) {
                let anew = self.anew(lane, attempt, now, &record);
                if let Write::Done = send(OPERATION, anew).await? {
                    return Ok(Admission::Admitted);
                }
                continue;
            }
            let admission = record.admit(lane, attempt, now);
            if admission != Admission::Admitted || record.has_counted(lane, attempt) {
                return Ok(admission);
            }
        }
        Err(moved(OPERATION))
    }

    async fn clear(&self, lane: &Lane) -> Result<(), StoreError> {
        const OPERATION: &str = "clear attempts";
        let update = self
            .update(&lane.record())
            .expression_attribute_values(":none", number(0));
        if let Some(device) = lane.device() {
            let own = update
                .clone()
                .condition_expression("attribute_exists(#failures)")
                .update_expression("SET failures = :none, #failures = :none")
                .expression_attribute_names("#failures", of("failures", device));
            if let Write::Done = send(OPERATION, own).await? {
                return Ok(());
            }
        }
        let all = update
            .condition_expression("attribute_exists(failures)")
            .update_expression("SET failures = :none");
        send(OPERATION, all).await.map(drop)
    }
}

impl CountSources for Attempts {
    async fn count_source(&self, source: &Pseudonym, limit: u64, now: Millis) -> Result<Admission, StoreError> {
        let (window, left) = source_window(now);
        let ttl = now.timestamp().plus(SOURCE_WINDOW).plus(SOURCE_WINDOW);
        let update = self
            .update(&in_window(source, window))
            .condition_expression("attribute_not_exists(failures) OR failures < :limit")
            .update_expression("SET #ttl = :ttl ADD failures :one")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(ttl.get()))
            .expression_attribute_values(":limit", number(limit))
            .expression_attribute_values(":one", number(1));
        Ok(match send("count source", update).await? {
            Write::Done => Admission::Admitted,
            Write::Refused(_) => Admission::Wait(left),
        })
    }

    async fn excuse_source(&self, source: &Pseudonym, now: Millis) -> Result<(), StoreError> {
        let (window, _) = source_window(now);
        let update = self
            .update(&in_window(source, window))
            .condition_expression("failures > :none")
            .update_expression("ADD failures :less")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":less", AttributeValue::N("-1".to_owned()));
        send("excuse source", update).await.map(drop)
    }
}

impl Attempts {
    /// The table of this name.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// [`AttemptRecord::counted`] where [`AttemptRecord::admit`] admits, in DynamoDB's words.
    fn one_more(&self, lane: &Lane, attempt: &TokenId, now: Millis) -> UpdateItemFluentBuilder {
        let update = growing_waits().fold(self.update(&lane.record()), |update, (failures, wait)| {
            update
                .expression_attribute_values(format!(":after_{failures}"), number(failures))
                .expression_attribute_values(format!(":before_{failures}"), number(before(now, wait.get())))
        });
        let update = update
            .expression_attribute_values(":before_longest", number(before(now, LONGEST_WAIT.get())))
            .expression_attribute_values(":forgotten", number(forgotten_before(now).get()));
        let (condition, change) = match lane.device() {
            None => (may_try("failures", "attempted_at", "attempt"), COUNT.to_owned()),
            Some(_) => (
                format!(
                    "{} AND (attribute_not_exists(failures) OR failures < :most)",
                    may_try("#failures", "#attempted_at", "#attempt")
                ),
                format!("{COUNT}, {COUNT_DEVICE}"),
            ),
        };
        let condition = format!("(attribute_not_exists(attempted_at) OR attempted_at > :forgotten) AND {condition}");
        let update = counting(update, lane, attempt, now)
            .condition_expression(condition)
            .update_expression(change)
            .expression_attribute_values(":zero", number(0));
        match lane.device() {
            None => update,
            Some(_) => update.expression_attribute_values(":most", number(DEVICE_FAILURES)),
        }
    }

    /// Counts the first attempt after a record that is forgotten, in the place of that.
    fn anew(&self, lane: &Lane, attempt: &TokenId, now: Millis, forgotten: &AttemptRecord) -> UpdateItemFluentBuilder {
        let known = forgotten.devices.keys();
        let others = known.filter(|device| Some(*device) != lane.device());
        let others: Vec<&DeviceId> = others.take(MOST_REMOVED).collect();
        let names = ["failures", "attempted_at", "attempt"];
        let removed = others.iter().flat_map(|device| names.map(|name| of(name, device)));
        let update = counting(self.update(&lane.record()), lane, attempt, now)
            .condition_expression("attempted_at = :seen")
            .expression_attribute_values(":seen", number(forgotten.all.at.get()));
        let mut change = match lane.device() {
            None => ANEW.to_owned(),
            Some(_) => format!("{ANEW}, {ANEW_DEVICE}"),
        };
        let placeholders: Vec<(String, String)> = removed
            .enumerate()
            .map(|(number, name)| (format!("#other_{number}"), name))
            .collect();
        if !placeholders.is_empty() {
            let names: Vec<&str> = placeholders
                .iter()
                .map(|(placeholder, _)| placeholder.as_str())
                .collect();
            change = format!("{change} REMOVE {}", names.join(", "));
        }
        placeholders
            .into_iter()
            .fold(update.update_expression(change), |update, (placeholder, name)| {
                update.expression_attribute_names(placeholder, name)
            })
    }

    fn update(&self, record: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("counter", AttributeValue::S(record.to_owned()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// Of all lanes of a record together.
const COUNT: &str = "SET failures = if_not_exists(failures, :zero) + :one, attempted_at = :now, attempt = :attempt, \
    #ttl = :ttl";
/// Of the device's own lane.
const COUNT_DEVICE: &str = "#failures = if_not_exists(#failures, :zero) + :one, #attempted_at = :now, \
    #attempt = :attempt";
const ANEW: &str = "SET failures = :one, attempted_at = :now, attempt = :attempt, #ttl = :ttl";
const ANEW_DEVICE: &str = "#failures = :one, #attempted_at = :now, #attempt = :attempt";

/// That a lane with these attributes does not wait, and has not counted this very attempt.
fn may_try(failures: &str, attempted_at: &str, attempt: &str) -> String {
    let growing = growing_waits()
        .map(|(count, _)| format!("({failures} = :after_{count} AND {attempted_at} <= :before_{count}) OR "));
    format!(
        "(attribute_not_exists({failures}) OR ({attempt} <> :attempt AND \
         ({failures} < :after_{} OR {}{attempted_at} <= :before_longest)))",
        auth::FREE_FAILURES,
        growing.collect::<String>()
    )
}

/// Adds what every count of an attempt says.
fn counting(update: UpdateItemFluentBuilder, lane: &Lane, attempt: &TokenId, now: Millis) -> UpdateItemFluentBuilder {
    let ttl = now.timestamp().plus(FORGOTTEN_AFTER);
    let update = update
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_values(":ttl", number(ttl.get()))
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":now", number(now.get()))
        .expression_attribute_values(":attempt", AttributeValue::S(attempt.to_string()));
    let Some(device) = lane.device() else {
        return update;
    };
    ["failures", "attempted_at", "attempt"]
        .iter()
        .fold(update, |update, name| {
            update.expression_attribute_names(format!("#{name}"), of(name, device))
        })
}

/// The attribute of a device's own lane.
fn of(name: &str, device: &DeviceId) -> String {
    format!("{name}{OF}{device}")
}

fn in_window(source: &Pseudonym, window: u64) -> String {
    format!("source#{}#{window}", source.as_str())
}

/// So many seconds before `now`, in milliseconds.
const fn before(now: Millis, seconds: u64) -> u64 {
    now.get().saturating_sub(seconds.saturating_mul(1000))
}

async fn send(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<Write, StoreError> {
    match update.send().await {
        Ok(_) => Ok(Write::Done),
        Err(SdkError::ServiceError(service))
            if matches!(service.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
        {
            Ok(Write::Refused(found(service.into_err())))
        }
        Err(error) => Err(unavailable(operation, &error)),
    }
}

fn found(error: UpdateItemError) -> Option<Item> {
    let UpdateItemError::ConditionalCheckFailedException(failure) = error else {
        return None;
    };
    failure.item
}

/// The record of an item.
fn record(item: &Item) -> Option<AttemptRecord> {
    let devices = item
        .keys()
        .filter_map(|name| name.strip_prefix("failures")?.strip_prefix(OF))
        .map(|device| {
            let device = DeviceId::parse(device).ok()?;
            let tally = tally(item, |name| of(name, &device))?;
            Some((device, tally))
        })
        .collect::<Option<BTreeMap<_, _>>>()?;
    Some(AttemptRecord {
        all: tally(item, str::to_owned)?,
        devices,
    })
}

fn tally(item: &Item, attribute: impl Fn(&str) -> String) -> Option<Tally> {
    let number = |name| item.get(&attribute(name))?.as_n().ok()?.parse().ok();
    Some(Tally {
        failures: number("failures")?,
        at: Millis::new(number("attempted_at")?),
        attempt: TokenId::parse(item.get(&attribute("attempt"))?.as_s().ok()?.as_str()).ok()?,
    })
}

/// The item that a write found is not the one that the next found.
fn moved(operation: &'static str) -> StoreError {
    StoreError::Unavailable {
        operation,
        cause: "too many at once".to_owned(),
    }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
