//! `authctl report` shows what happened in a time: logins, refreshes, denials, latency, and what it cost.

mod arguments;
mod cloud;
mod cost;
mod local;
mod row;
mod totals;

pub(crate) use self::arguments::Report;
use self::row::ReportRow;
use crate::{
    arguments::{Output, Target},
    logs::Logs,
    output,
};

/// Prints a report.
///
/// # Errors
/// If a log or a metric cannot be read.
pub(crate) async fn run(command: Report, target: &Target, output: Output) -> anyhow::Result<()> {
    let since = command.since;
    let (totals, costs) = match Logs::of(target).await? {
        Logs::Cloud(insights) => {
            let totals = cloud::totals(&insights, since).await?;
            let requests = totals.requests();
            (totals, cost::estimate(requests, &insights, since, target).await?)
        }
        // A local stack costs nothing.
        Logs::Local(files) => (local::totals(&files, since)?, Vec::new()),
    };
    let mut rows = ReportRow::of_totals(&totals);
    rows.extend(costs);
    output::print_rows(&rows, output)
}
