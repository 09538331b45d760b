//! Questions to the logs of a stack in CloudWatch Logs Insights.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use aws_sdk_cloudwatchlogs::{
    Client,
    types::{QueryStatus, ResultField},
};
use config::Environment;
use tokio::time::{Instant, sleep};

use super::{Line, Since};
use crate::{
    arguments::Target,
    clock::system_time,
    operator::{LOGS_ENDPOINT, unavailable},
    stack::Deployment,
};

/// What the names of log groups in the template end with.
const GROUP: &str = "LogGroup";
/// The group of the access log, in the template.
const ACCESS: &str = "ApiLogGroup";
/// The group of the record of operators, in the template. It has no lines of requests.
const OPERATORS: &str = "OperatorsLogGroup";
/// The maximum number of log groups of one query (documented).
const MAX_GROUPS: usize = 50;
/// How much later than this computer's clock a line may be.
const AHEAD: Duration = Duration::from_mins(5);
/// The pause before the result of a query is asked for again.
const STEP: Duration = Duration::from_millis(500);
/// The maximum time of a query.
const PATIENCE: Duration = Duration::from_mins(5);

/// The logs of a stack.
#[derive(Debug)]
pub(crate) struct Insights {
    client: Client,
    /// The names of the log groups, by their names in the template.
    groups: BTreeMap<String, String>,
}

/// A row of a result: values by their names.
pub(crate) type Row = BTreeMap<String, String>;

impl Insights {
    /// # Errors
    /// If no region is configured.
    pub(crate) async fn open(target: &Target, deployment: &Deployment) -> anyhow::Result<Self> {
        let config = target
            .session()
            .await?
            .aws
            .service_config(&Environment::from_process(), LOGS_ENDPOINT)?;
        let groups = deployment.resources.iter();
        let groups = groups.filter(|(name, _)| name.ends_with(GROUP) && *name != OPERATORS);
        Ok(Self {
            client: Client::new(&config),
            groups: groups.map(|(name, group)| (name.clone(), group.clone())).collect(),
        })
    }

    /// Returns the log groups of the gateway and of all functions.
    pub(crate) fn all(&self) -> Vec<String> {
        self.groups.values().cloned().collect()
    }

    /// Returns the log group of the gateway.
    pub(crate) fn access(&self) -> Vec<String> {
        self.groups.get(ACCESS).into_iter().cloned().collect()
    }

    /// Returns the log groups of the functions.
    pub(crate) fn functions(&self) -> Vec<String> {
        let functions = self.groups.iter().filter(|(name, _)| *name != ACCESS);
        functions.map(|(_, group)| group.clone()).collect()
    }

    /// Asks a question about the lines of these groups, and returns the rows of the answer.
    ///
    /// # Errors
    /// If CloudWatch refuses or cannot be reached, or the query takes minutes.
    pub(crate) async fn ask(&self, groups: &[String], query: &str, since: Since) -> anyhow::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for groups in groups.chunks(MAX_GROUPS) {
            rows.extend(self.ask_once(groups, query, since).await?);
        }
        Ok(rows)
    }

    async fn ask_once(&self, groups: &[String], query: &str, since: Since) -> anyhow::Result<Vec<Row>> {
        let now = system_time().duration_since(UNIX_EPOCH)?;
        let seconds = |time: Duration| i64::try_from(time.as_secs());
        let started = self
            .client
            .start_query()
            .set_log_group_names(Some(groups.to_vec()))
            .query_string(query)
            .start_time(seconds(now.saturating_sub(since.duration()))?)
            .end_time(seconds(now.saturating_add(AHEAD))?)
            .send()
            .await
            .map_err(|error| unavailable("start query", &error))?;
        let id = started.query_id.context("CloudWatch has started no query")?;
        let end = Instant::now().checked_add(PATIENCE);
        loop {
            let asked = self.client.get_query_results().query_id(&id).send().await;
            let found = asked.map_err(|error| unavailable("get query results", &error))?;
            match found.status {
                Some(QueryStatus::Complete) => {
                    return Ok(found
                        .results
                        .unwrap_or_default()
                        .iter()
                        .map(|fields| row(fields))
                        .collect());
                }
                Some(QueryStatus::Running | QueryStatus::Scheduled) if end.is_none_or(|end| Instant::now() < end) => {
                    sleep(STEP).await;
                }
                status => bail!(
                    "the query of the logs has not ended ({}): pass a shorter --since",
                    status.map_or_else(|| "no status".to_owned(), |status| status.to_string())
                ),
            }
        }
    }

    /// Returns the lines that `filter` selects, in the order of their times.
    ///
    /// # Errors
    /// As [`Self::ask`] does.
    pub(crate) async fn lines(&self, groups: &[String], filter: &str, since: Since) -> anyhow::Result<Vec<Line>> {
        let query = format!("fields @timestamp, @message | filter {filter} | sort @timestamp asc | limit 200");
        let rows = self.ask(groups, &query, since).await?;
        let line = |row: &Row| Line::read(rfc3339(row.get("@timestamp")?), row.get("@message")?);
        Ok(rows.iter().filter_map(line).collect())
    }
}

/// Returns a time as in RFC 3339. CloudWatch writes `2026-11-27 21:48:00.123`, and for the maximum of times the
/// milliseconds since 1970 too.
pub(crate) fn rfc3339(time: &str) -> String {
    let milliseconds = time
        .parse()
        .ok()
        .and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
    match milliseconds {
        Some(at) => at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        None => format!("{}Z", time.replacen(' ', "T", 1)),
    }
}

fn row(fields: &[ResultField]) -> Row {
    let values = fields.iter();
    let values = values.filter_map(|field| Some((field.field.clone()?, field.value.clone()?)));
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_formats() {
        for time in ["2026-11-25 12:03:58.123", "1795608238123"] {
            assert_eq!(rfc3339(time), "2026-11-25T12:03:58.123Z");
        }
    }

    #[test]
    fn the_template_has_the_groups() {
        let template = include_str!("../../../../template.yaml");

        for name in [ACCESS, OPERATORS] {
            assert!(template.contains(&format!("\n  {name}:\n")), "template.yaml: {name}");
        }
    }
}
