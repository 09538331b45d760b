//! What a time cost, estimated with the prices of `docs/prices.toml`.

use std::{collections::BTreeMap, time::UNIX_EPOCH};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::row::{ReportRow, float};
use crate::{
    arguments::Target,
    aws::{Call, Service, Session},
    clock::system_time,
    logs::{Insights, Since},
};

const PRICES: &str = include_str!("../../../../docs/prices.toml");
/// The hours of a month, as in `docs/operations.toml`.
const MONTH: f64 = 730.0;
/// What Lambda reports of its invocations.
const LAMBDA: &str = "filter type = \"platform.report\" | stats count(*) as invocations, \
                      sum(record.metrics.billedDurationMs * record.metrics.memorySizeMB / 1024 / 1000) as gigabyte_seconds";
/// How many bytes were logged.
const BYTES: &str = "stats sum(strlen(@message)) as bytes";
/// The tables, by their names in the template.
const TABLES: [&str; 10] = [
    "UsersTable",
    "CredentialsTable",
    "RefreshTokensTable",
    "AuthorizerFeed",
    "FeedSnapshotsTable",
    "PublicKeysTable",
    "FactorsTable",
    "AttemptsTable",
    "DeletionsTable",
    "MailTable",
];
/// The metrics of a table: its read units and its write units.
const UNITS: [&str; 2] = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"];
/// The period of a data point in seconds.
const PERIOD: u64 = 3_600;

/// A price in dollars.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Price {
    dollars: f64,
    per: f64,
}

/// The prices, by their names.
#[derive(Debug)]
struct Prices(BTreeMap<String, Price>);

impl Prices {
    fn read() -> anyhow::Result<Self> {
        let all: BTreeMap<String, toml::Value> = toml::from_str(PRICES)?;
        let tables = all.into_iter().filter(|(_, value)| value.is_table());
        let prices = tables.map(|(name, value)| anyhow::Ok((name, value.try_into()?)));
        Ok(Self(prices.collect::<anyhow::Result<_>>()?))
    }

    /// Returns the row of so many units.
    fn row(&self, what: &str, name: &str, number: f64) -> anyhow::Result<ReportRow> {
        let Self(prices) = self;
        let Price { dollars, per } = prices.get(name).with_context(|| format!("no price {name}"))?;
        Ok(ReportRow {
            part: "cost",
            what: what.to_owned(),
            number: Some(number),
            dollars: Some(number * dollars / per),
            ..ReportRow::default()
        })
    }
}

/// Returns the rows about the cost of so many requests to the gateway, and of all else in that time.
pub(super) async fn estimate(
    requests: u64,
    insights: &Insights,
    since: Since,
    target: &Target,
) -> anyhow::Result<Vec<ReportRow>> {
    let lambda = insights.ask(&insights.functions(), LAMBDA, since).await?;
    let bytes = insights.ask(&insights.all(), BYTES, since).await?;
    let number = |rows: &[BTreeMap<String, String>], name: &str| {
        let found = rows.iter().find_map(|row| row.get(name)?.parse().ok());
        found.unwrap_or_default()
    };
    let [reads, writes] = units(target, since).await?;
    rows(
        [
            ("requests to the HTTP API", "http_api", float(requests)),
            (
                "invocations of functions",
                "lambda_request",
                number(&lambda, "invocations"),
            ),
            (
                "gigabyte-seconds of functions",
                "lambda_duration",
                number(&lambda, "gigabyte_seconds"),
            ),
            ("read units of DynamoDB", "dynamodb_read", reads),
            ("write units of DynamoDB", "dynamodb_write", writes),
            ("bytes of logs", "logs", number(&bytes, "bytes")),
        ],
        since,
    )
}

/// Returns the rows of these units, their sum, and what a month costs at this rate.
fn rows(units: [(&str, &str, f64); 6], since: Since) -> anyhow::Result<Vec<ReportRow>> {
    let prices = Prices::read()?;
    let all = units.into_iter();
    let mut rows: Vec<_> = all
        .map(|(what, price, number)| prices.row(what, price, number))
        .collect::<anyhow::Result<_>>()?;
    let sum: f64 = rows.iter().filter_map(|row| row.dollars).sum();
    let hours = since.duration().as_secs_f64() / 3_600.0;
    for (what, dollars) in [("sum", sum), ("a month at this rate", sum / hours * MONTH)] {
        rows.push(ReportRow {
            part: "cost",
            what: what.to_owned(),
            dollars: Some(dollars),
            ..ReportRow::default()
        });
    }
    Ok(rows)
}

/// Returns the read units and the write units that the tables of the stack consumed.
async fn units(target: &Target, since: Since) -> anyhow::Result<[f64; 2]> {
    let resources = target.deployment.as_ref().map(|deployment| &deployment.resources);
    let tables = TABLES
        .iter()
        .filter_map(|name| resources?.get(*name).map(String::as_str));
    let tables: Vec<_> = tables.collect();
    let session = target.session().await?;
    let now = system_time().duration_since(UNIX_EPOCH)?;
    let times = (now.saturating_sub(since.duration()).as_secs(), now.as_secs());
    let mut sums = [0.0; 2];
    for (sum, metric) in sums.iter_mut().zip(UNITS) {
        *sum = sum_of(metric, &tables, times, session).await?;
    }
    Ok(sums)
}

async fn sum_of(metric: &str, tables: &[&str], (start, end): (u64, u64), session: &Session) -> anyhow::Result<f64> {
    let queries = tables.iter().enumerate().map(|(number, table)| {
        let dimensions = json!([{"Name": "TableName", "Value": table}]);
        let metric = json!({"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": dimensions});
        json!({"Id": format!("table{number}"), "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": "Sum"}})
    });
    let mut input = json!({
        "MetricDataQueries": queries.collect::<Vec<_>>(), "StartTime": start, "EndTime": end,
    });
    let mut sum = 0.0;
    loop {
        const ACTION: &str = "GraniteServiceVersion20100801.GetMetricData";
        let call = Call::action("get metric data", Service::METRICS, ACTION, &input);
        let page = session.call(&call).await?;
        sum += values(&page);
        match page.get("NextToken").filter(|next| next.is_string()) {
            Some(next) => input = with(input, "NextToken", next.clone()),
            None => return Ok(sum),
        }
    }
}

fn with(input: Value, name: &str, value: Value) -> Value {
    let mut input = input;
    if let Some(members) = input.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    input
}

/// Returns the sum of all values of an answer.
fn values(page: &Value) -> f64 {
    let results = page
        .get("MetricDataResults")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let values = results.filter_map(|result| result.get("Values")?.as_array());
    values.flatten().filter_map(Value::as_f64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_of_each_costs_what_the_prices_say() {
        let units = [
            ("requests", "http_api", 1e6),
            ("invocations", "lambda_request", 1e6),
            ("gigabyte-seconds", "lambda_duration", 0.0),
            ("reads", "dynamodb_read", 8e6),
            ("writes", "dynamodb_write", 0.0),
            ("bytes", "logs", 2e9),
        ];

        let rows = rows(units, "73h".parse().unwrap()).unwrap();

        let dollars: Vec<_> = rows.iter().map(|row| format!("{:.2}", row.dollars.unwrap())).collect();
        assert_eq!(
            dollars,
            ["1.00", "0.20", "0.00", "1.00", "0.00", "1.00", "3.20", "32.00"]
        );
    }

    #[test]
    fn values_of_all_tables_are_added() {
        let page = json!({"MetricDataResults": [{"Id": "table0", "Values": [1.5, 2.0]}, {"Id": "table1", "Values": []},
            {"Id": "table2", "Values": [4]}]});

        assert!((values(&page) - 7.5).abs() < f64::EPSILON);
    }

    #[test]
    fn the_template_has_the_tables() {
        let template = include_str!("../../../../template.yaml");
        let tables = template.matches("Type: AWS::DynamoDB::Table").count();

        assert_eq!(tables, TABLES.len());
        for name in TABLES {
            assert!(
                template.contains(&format!("\n  {name}:\n    Type: AWS::DynamoDB::Table\n")),
                "{name}"
            );
        }
    }
}
