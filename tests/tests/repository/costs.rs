//! The tables of `docs/cost.md`, which are computed from `docs/prices.toml` and `docs/operations.toml`.

use toml::{Table, Value};

use crate::{
    derived::{Cell, Row, assert_derived, with_rows},
    rows,
};

/// The number of units for which prices are computed.
const MILLION: f64 = 1e6;
/// The number of users for whom Amazon Cognito charges nothing.
const FREE_USERS: f64 = 10_000.0;

#[test]
fn the_tables_of_the_page_about_cost_are_computed() {
    let model = Model::read();
    assert_derived("docs/cost.md", |text| {
        let text = with_rows(text, "## Each operation", &model.operation_rows());
        let text = with_rows(&text, "## A month of 100,000 users", &model.month_rows());
        let text = with_rows(&text, "## Pay less", &model.change_rows());
        with_rows(&text, "## Beside Cognito", &model.cognito_rows())
    });
}

#[test]
fn every_price_has_a_unit_a_source_and_how_it_was_checked() {
    for (name, price) in &Model::read().prices {
        let Some(price) = price.as_table() else { continue };
        for key in ["unit", "source", "seen"] {
            assert!(price.get(key).is_some_and(Value::is_str), "{name} has no {key}");
        }
        assert!(price.contains_key("dollars") && number(price, "per") > 0.0, "{name}");
    }
}

/// A transaction counts as one call. `docs/performance.md` does not list calls that a request does not wait for.
#[test]
fn an_operation_has_as_many_calls_as_the_page_about_performance_says() {
    let model = Model::read();
    for [row, _, at_once] in waits() {
        let is_listed = |operation: &&Table| operation.get("row").and_then(Value::as_str) == Some(row.as_str());
        let operation = model.operations().map(|(_, operation)| operation).find(is_listed);
        let calls = calls(operation.unwrap_or_else(|| panic!("docs/operations.toml has no {row}")));
        let transaction = calls.iter().filter(|call| is_set(call, "transaction")).count();
        let single = calls
            .iter()
            .filter(|call| !is_set(call, "transaction") && !is_set(call, "beside"));

        let listed = single.count().saturating_add(transaction.min(1));

        let sizes = at_once.split(',').map(|size| size.trim().parse::<usize>().unwrap());
        assert_eq!(listed, sizes.sum::<usize>(), "{row}");
    }
}

/// The data of `docs/prices.toml` and of `docs/operations.toml`.
struct Model {
    prices: Table,
    data: Table,
}

/// What one operation uses, and what a million such operations cost in dollars.
struct Cost {
    reads: f64,
    writes: f64,
    milliseconds: f64,
    invocations: f64,
    dynamodb: f64,
    lambda: f64,
    gateway: f64,
    logs: f64,
    sum: f64,
}

impl Model {
    fn read() -> Self {
        Self {
            prices: crate::toml("docs/prices.toml"),
            data: crate::toml("docs/operations.toml"),
        }
    }

    fn operation_rows(&self) -> Vec<Row> {
        // The row of a rotation is left out, because nobody needs the price of a million rotations.
        let operations = self
            .operations()
            .filter(|(_, operation)| !operation.contains_key("secret_calls"));
        let rows = operations.map(|(name, operation)| {
            let cost = self.cost(operation);
            let numbers = [cost.reads, cost.writes, cost.milliseconds].map(|number| format!("{number:.0}"));
            let dollars = [cost.dynamodb, cost.lambda, cost.gateway, cost.logs, cost.sum].map(to_dollars);
            row(name, numbers.into_iter().chain(dollars))
        });
        rows.collect()
    }

    fn month_rows(&self) -> Vec<Row> {
        let mut parts: Vec<(&str, f64, f64)> = self.used().collect();
        parts.extend(self.standing_parts());
        let total = add(parts.iter().map(|(_, _, dollars)| *dollars));
        parts.push(("total", self.users(), total));
        let rows = parts.into_iter();
        rows.map(|(name, often, dollars)| row(name, [with_commas(often), to_dollars(dollars)]))
            .collect()
    }

    fn change_rows(&self) -> Vec<Row> {
        let per_user = table(table(&self.data, "usage"), "per_user");
        let millions = self.users() / MILLION;
        let change = |name, key| number(table(table(&self.data, "change"), name), key);
        let standing = table(&self.data, "standing");
        let invocations = self
            .used()
            .map(|(name, often, _)| often * self.cost_of(name).invocations);
        let invocations = add(invocations) + self.compactions();
        let line = number(table(&self.data, "lines"), "invocation");
        let authorizations = change("cache", "cached") * number(per_user, "authorization");
        let refreshes = number(per_user, "refresh") - change("longer_tokens", "refresh");
        let polls = 1.0 - number(standing, "poll_seconds") / change("fewer_polls", "poll_seconds");
        let changes = [
            ("SystemLogLevel=WARN", invocations / MILLION * line * self.price("logs")),
            (
                "AuthorizerCacheSeconds=60",
                authorizations * millions * self.cost_of("authorization").sum,
            ),
            (
                "AccessTokenSeconds=3600",
                refreshes * millions * self.cost_of("refresh").sum,
            ),
            (
                "RevocationPollSeconds=60",
                self.polls() / MILLION * polls * self.cost_of("poll").sum,
            ),
        ];
        changes.map(|(name, dollars)| row(name, [to_dollars(dollars)])).into()
    }

    fn cognito_rows(&self) -> Vec<Row> {
        let millions = (self.users() - FREE_USERS) / MILLION;
        let names = ["cognito_essentials", "cognito_lite"];
        names
            .map(|name| row(name, [to_dollars(millions * self.price(name))]))
            .into()
    }

    /// Returns each operation that users cause, how often they cause it in a month, and what this costs in dollars.
    fn used(&self) -> impl Iterator<Item = (&str, f64, f64)> {
        let per_user = table(table(&self.data, "usage"), "per_user");
        per_user.keys().map(|name| {
            let often = number(per_user, name) * self.users();
            (name.as_str(), often, often / MILLION * self.cost_of(name).sum)
        })
    }

    /// Returns the parts of a month's cost that do not depend on what users do, each with its name, its quantity and
    /// its cost in dollars.
    fn standing_parts(&self) -> [(&'static str, f64, f64); 6] {
        let standing = table(&self.data, "standing");
        let [secrets, metrics] = ["secrets", "metrics"].map(|name| number(standing, name));
        let secret_calls = number(standing, "secret_readers") * self.hours() * 12.0;
        let secret_dollars =
            secrets / MILLION * self.price("secret") + secret_calls / MILLION * self.price("secret_call");
        let gigabytes = number(standing, "stored") * self.users() / 1e9;
        let storage = self.price("dynamodb_storage") + self.price("dynamodb_recovery");
        let times = |name: &'static str, often: f64| (name, often, often / MILLION * self.cost_of(name).sum);
        [
            times("poll", self.polls()),
            times("compaction", self.compactions()),
            times("rotation", 1.0),
            ("secrets", secrets, secret_dollars),
            ("metrics", metrics, metrics / MILLION * self.price("metric")),
            ("storage", self.users(), gigabytes / MILLION * storage),
        ]
    }

    fn cost_of(&self, operation: &str) -> Cost {
        self.cost(table(table(&self.data, "operation"), operation))
    }

    fn cost(&self, operation: &Table) -> Cost {
        let unit_sum = |kind| add(calls(operation).iter().map(|call| number(call, kind)));
        let [reads, writes] = ["read", "write"].map(unit_sum);
        let dynamodb = reads * self.price("dynamodb_read") + writes * self.price("dynamodb_write");
        let invocations = match operation.get("invocations") {
            Some(_) => number(operation, "invocations"),
            None if operation.contains_key("processor") => 1.0,
            None => 0.0,
        };
        let milliseconds = if invocations > 0.0 {
            self.milliseconds(operation)
        } else {
            0.0
        };
        let gigabyte_seconds = number(operation, "memory") / 1024.0 * milliseconds / 1000.0;
        let lambda = invocations * self.price("lambda_request") + gigabyte_seconds * self.price("lambda_duration");
        let has_gateway = operation.get("gateway").and_then(Value::as_bool) != Some(false);
        let gateway = if has_gateway { self.price("http_api") } else { 0.0 };
        let lines = table(&self.data, "lines");
        let access = if has_gateway { number(lines, "access") } else { 0.0 };
        let bytes = invocations * number(lines, "invocation") + number(operation, "line") + access;
        let logs = bytes * self.price("logs");
        let secrets = number(operation, "secret_calls") * self.price("secret_call");
        Cost {
            reads,
            writes,
            milliseconds,
            invocations,
            dynamodb,
            lambda,
            gateway,
            logs,
            sum: dynamodb + lambda + gateway + logs + secrets,
        }
    }

    /// Returns the time that Lambda bills for an operation, in whole milliseconds.
    fn milliseconds(&self, operation: &Table) -> f64 {
        let assumed = table(&self.data, "assumed");
        let share = number(assumed, "processor_memory") / number(operation, "memory");
        let trips = match operation.get("row").and_then(Value::as_str) {
            None => number(operation, "round_trips"),
            Some(row) => {
                let found = waits().into_iter().find(|[name, ..]| name == row);
                let [_, trips, _] = found.unwrap_or_else(|| panic!("docs/performance.md has no {row}"));
                trips.parse::<f64>().unwrap()
            }
        };
        (number(operation, "processor") * share + trips * number(assumed, "round_trip")).ceil()
    }

    fn operations(&self) -> impl Iterator<Item = (&str, &Table)> {
        let operations = table(&self.data, "operation").iter();
        operations.filter_map(|(name, operation)| Some((name.as_str(), operation.as_table()?)))
    }

    /// Returns the price of a million units.
    fn price(&self, name: &str) -> f64 {
        let price = table(&self.prices, name);
        number(price, "dollars") * (MILLION / number(price, "per"))
    }

    fn users(&self) -> f64 {
        number(table(&self.data, "usage"), "users")
    }

    fn hours(&self) -> f64 {
        number(table(&self.data, "assumed"), "hours")
    }

    /// Returns the number of polls of all authorizers in a month.
    fn polls(&self) -> f64 {
        let standing = table(&self.data, "standing");
        number(standing, "authorizers") * self.hours() * 3600.0 / number(standing, "poll_seconds")
    }

    /// Returns the number of compactions in a month.
    fn compactions(&self) -> f64 {
        self.hours() * 60.0
    }
}

/// Returns the rows of the table of round trips: the name, the number of trips, and the number of calls in each trip.
fn waits() -> Vec<[String; 3]> {
    rows("docs/performance.md", "## Calls per request")
}

fn calls(operation: &Table) -> Vec<&Table> {
    let calls = operation.get("calls").and_then(Value::as_array);
    calls.into_iter().flatten().filter_map(Value::as_table).collect()
}

fn is_set(call: &Table, name: &str) -> bool {
    call.get(name).and_then(Value::as_bool) == Some(true)
}

fn table<'a>(parent: &'a Table, name: &str) -> &'a Table {
    let found = parent.get(name).and_then(Value::as_table);
    found.unwrap_or_else(|| panic!("no table is named {name}"))
}

/// Returns the number with this name, or 0 if there is none.
fn number(table: &Table, name: &str) -> f64 {
    table.get(name).map_or(0.0, |value| {
        let number = value.to_string().parse::<f64>();
        number.unwrap_or_else(|_| panic!("{name} is {value}"))
    })
}

/// Adds numbers. The sum of no numbers is 0, while the standard library returns -0.
fn add(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}

fn row(name: &str, cells: impl IntoIterator<Item = String>) -> Row {
    Row {
        name: name.to_owned(),
        cells: cells.into_iter().map(Cell::Exactly).collect(),
    }
}

fn to_dollars(dollars: f64) -> String {
    format!("{dollars:.2}")
}

/// Returns a whole number with a comma before each group of three digits.
fn with_commas(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn a_number_has_commas() {
    let shown = [0.0, 999.0, 1_000.0, 12_088_800.0].map(with_commas);

    assert_eq!(shown, ["0", "999", "1,000", "12,088,800"]);
}
