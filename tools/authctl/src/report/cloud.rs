//! The totals of a stack, which CloudWatch Logs Insights counts.

use super::totals::{PARTS, Route, Totals};
use crate::logs::{Insights, Row, Since};

/// The events of which one line can stand for many.
const COUNTED: [(&str, &str); 4] = [
    ("authorizer.allowed", "allowed"),
    ("authorizer.denied", "denied"),
    ("login.throttled", "throttled"),
    ("refresh.refused", "refused"),
];
/// What the gateway did, by route.
const ROUTES: &str = "filter ispresent(routeKey) | stats count(*) as requests, pct(responseLatency, 50) as half, \
                      pct(responseLatency, 99) as almost_all by routeKey | limit 200";

pub(super) async fn totals(insights: &Insights, since: Since) -> anyhow::Result<Totals> {
    let mut totals = Totals::default();
    for row in insights.ask(&insights.functions(), &events(), since).await? {
        take(&row, &mut totals);
    }
    let routes = insights.ask(&insights.access(), ROUTES, since).await?;
    totals.routes = routes.iter().filter_map(route).collect();
    Ok(totals)
}

/// Returns the query for the events.
fn events() -> String {
    let names = PARTS
        .iter()
        .flat_map(|(_, events)| *events)
        .map(|event| format!("\"{event}\""));
    let sums = COUNTED.iter().map(|(event, name)| format!(", sum({event}) as {name}"));
    format!(
        "filter message in [{}] | stats count(*) as lines{} by message, reason | limit 1000",
        names.collect::<Vec<_>>().join(", "),
        sums.collect::<String>()
    )
}

fn take(row: &Row, totals: &mut Totals) {
    let text = |name: &str| row.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let number = |name: &str| whole(text(name)?);
    let Some(event) = text("message") else { return };
    let counted = COUNTED.iter().find(|(counted, _)| *counted == event);
    let counted = counted.and_then(|(_, name)| number(name));
    let times: u64 = counted.or_else(|| number("lines")).unwrap_or_default();
    totals.add(event, text("reason"), times);
}

/// Returns a number of times, which a sum may have with a fraction or an exponent.
fn whole(text: &str) -> Option<u64> {
    let number: f64 = text.parse().ok()?;
    format!("{number:.0}").parse().ok()
}

fn route(row: &Row) -> Option<(String, Route)> {
    let number = |name: &str| row.get(name)?.parse().ok();
    let route = Route {
        requests: row.get("requests")?.parse().ok()?,
        half: number("half").unwrap_or_default(),
        almost_all: number("almost_all").unwrap_or_default(),
    };
    let name = row.get("routeKey").filter(|name| !matches!(name.as_str(), "" | "-"));
    Some((name.map_or("no route", String::as_str).to_owned(), route))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_event_counts_as_often_as_it_happened() {
        let mut totals = Totals::default();
        for fields in [
            vec![
                ("message", "login.failed"),
                ("reason", "wrong_password"),
                ("lines", "3"),
            ],
            vec![
                ("message", "login.throttled"),
                ("reason", "source"),
                ("lines", "2"),
                ("throttled", "5.7e+01"),
            ],
            vec![("message", "authorizer.undecided"), ("lines", "1"), ("denied", "")],
            vec![("lines", "1")],
        ] {
            let row = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            take(&row.collect(), &mut totals);
        }

        let numbers: Vec<_> = totals.events.values().copied().collect();
        assert_eq!(numbers, [1, 3, 57]);
    }

    #[test]
    fn the_query_names_each_event() {
        let query = events();

        assert!(
            query.contains("\"refresh.theft\"") && query.contains("sum(authorizer.denied) as denied"),
            "{query}"
        );
    }
}
