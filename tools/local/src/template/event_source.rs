//! The streams of tables that functions process: the events of the type `DynamoDB`.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, bail, ensure};
use claims::Span;
use serde_json::Value;
use store::TableDefinition;

use super::{Function, Template, list, plain, text};
use crate::streams::{Filter, Limits};

/// The number of records in a batch, if the template does not set it.
const BATCH_SIZE: u64 = 100;
/// The settings that change only how soon or how often Lambda polls, so that nothing has to be imitated.
const WITHOUT_EFFECT: [&str; 1] = ["MaximumBatchingWindowInSeconds"];
/// The settings that are imitated.
const IMITATED: [&str; 11] = [
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "Stream",
];

/// A stream whose records a function gets, as Lambda's event source mappings deliver them.
#[derive(Clone, Debug)]
pub struct EventSource {
    /// The function's logical id and the event's name, such as `MailerFunction.Mails`.
    pub name: String,
    /// The function's name.
    pub function: String,
    /// The function's timeout.
    pub timeout: Duration,
    /// The name of the table. The template has its logical id.
    pub table: String,
    /// The maximum number of records in an event.
    pub batch_size: usize,
    /// Where reading begins when the stream is read for the first time.
    pub start: StartingPosition,
    /// The function gets the records that match one of these filters, or all records if there are no filters.
    pub filters: Vec<Filter>,
    /// What happens to records that the function could not process.
    pub limits: Limits,
    /// Whether the function's answer may name the records that failed.
    pub reports_failures: bool,
    /// Where the metadata of records goes that Lambda gave up, if the template names a destination.
    pub on_failure: Option<String>,
}

/// Where reading begins when a stream is read for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingPosition {
    /// With the oldest record.
    TrimHorizon,
    /// After the newest record.
    Latest,
}

/// Finds the events of the type `DynamoDB` of all functions.
pub(super) fn read(template: &Template) -> anyhow::Result<Vec<EventSource>> {
    let (functions, tables) = (template.functions()?, template.tables()?);
    let mut sources = Vec::new();
    for (id, properties) in template.of_type("AWS::Serverless::Function") {
        let function = functions.get(id).context("not a function")?;
        for (name, event) in properties
            .get("Events")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if text(event, "/Type").is_ok_and(|kind| kind == "DynamoDB") {
                let settings = event.get("Properties").unwrap_or(&Value::Null);
                let source = event_source(&format!("{id}.{name}"), settings, function, &tables);
                sources.extend(source.with_context(|| format!("in event {name} of {id}"))?);
            }
        }
    }
    Ok(sources)
}

/// Reads an event. Returns `None` if it is disabled.
fn event_source(
    name: &str,
    settings: &Value,
    function: &Function,
    tables: &BTreeMap<String, TableDefinition>,
) -> anyhow::Result<Option<EventSource>> {
    for setting in settings.as_object().into_iter().flat_map(|settings| settings.keys()) {
        let is_known = IMITATED.iter().chain(&WITHOUT_EFFECT).any(|known| known == setting);
        ensure!(is_known, "{setting} is not imitated");
    }
    ensure!(
        number(settings, "ParallelizationFactor")?.is_none_or(|factor| factor == 1),
        "only a ParallelizationFactor of 1 is imitated"
    );
    let stream = text(settings, "/Stream")?;
    let table = stream.strip_suffix(".StreamArn");
    let table = table.with_context(|| format!("{stream} is not the StreamArn of a table"))?;
    let definition = tables.get(table);
    let definition = definition.with_context(|| format!("no table is named {table}"))?;
    ensure!(definition.stream.is_some(), "{table} has no StreamSpecification");
    let batch_size = limit(settings, "BatchSize")?.unwrap_or(BATCH_SIZE);
    ensure!(
        (1..=10_000).contains(&batch_size),
        "a BatchSize is a number from 1 to 10000"
    );
    let source = EventSource {
        name: name.to_owned(),
        function: function.name.clone(),
        timeout: function.timeout,
        table: table.to_owned(),
        batch_size: usize::try_from(batch_size)?,
        start: starting_position(text(settings, "/StartingPosition")?)?,
        filters: filters(settings)?,
        limits: Limits {
            bisects: is_on(settings, "BisectBatchOnFunctionError"),
            max_age: limit(settings, "MaximumRecordAgeInSeconds")?.map(Span::seconds),
            max_retries: limit(settings, "MaximumRetryAttempts")?,
        },
        reports_failures: reports_failures(settings)?,
        on_failure: text(settings, "/DestinationConfig/OnFailure/Destination")
            .ok()
            .map(str::to_owned),
    };
    let is_enabled = settings.get("Enabled").is_none() || is_on(settings, "Enabled");
    Ok(is_enabled.then_some(source))
}

fn starting_position(text: &str) -> anyhow::Result<StartingPosition> {
    match text {
        "TRIM_HORIZON" => Ok(StartingPosition::TrimHorizon),
        "LATEST" => Ok(StartingPosition::Latest),
        other => bail!("a stream of a table has no StartingPosition {other}"),
    }
}

fn filters(settings: &Value) -> anyhow::Result<Vec<Filter>> {
    let criteria = settings.get("FilterCriteria").unwrap_or(&Value::Null);
    let filters = list(criteria, "Filters").iter();
    filters
        .map(|filter| Filter::parse(text(filter, "/Pattern")?).context("in FilterCriteria"))
        .collect()
}

fn reports_failures(settings: &Value) -> anyhow::Result<bool> {
    let types = list(settings, "FunctionResponseTypes");
    for response in types {
        ensure!(
            response == "ReportBatchItemFailures",
            "no response type is named {}",
            plain(response)
        );
    }
    Ok(!types.is_empty())
}

fn is_on(settings: &Value, name: &str) -> bool {
    settings.get(name).is_some_and(|value| plain(value) == "true")
}

/// Returns a limit, or `None` if it is not set or -1, which means that there is no limit.
fn limit(settings: &Value, name: &str) -> anyhow::Result<Option<u64>> {
    match number(settings, name)? {
        None | Some(-1) => Ok(None),
        Some(limit) => Ok(Some(u64::try_from(limit).with_context(|| format!("in {name}"))?)),
    }
}

fn number(settings: &Value, name: &str) -> anyhow::Result<Option<i64>> {
    let number = settings.get(name).map(|value| plain(value).parse());
    number
        .transpose()
        .with_context(|| format!("{name} is not a whole number"))
}

#[cfg(test)]
mod tests;
