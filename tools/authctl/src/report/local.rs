//! The totals of a local stack, from its files.

use std::collections::BTreeMap;

use super::totals::{Route, Totals, is_reported};
use crate::logs::{Files, Line, Since};

pub(super) fn totals(files: &Files, since: Since) -> anyhow::Result<Totals> {
    let (mut totals, mut times) = (Totals::default(), BTreeMap::<String, Vec<u64>>::new());
    files.visit(since, |line| take(&line, &mut totals, &mut times))?;
    totals.routes = times.into_iter().map(|(name, times)| (name, route(times))).collect();
    Ok(totals)
}

fn take(line: &Line, totals: &mut Totals, times: &mut BTreeMap<String, Vec<u64>>) {
    if line.is_of_gateway() {
        let route = line.text("routeKey").unwrap_or("no route");
        let took = line.number("responseLatency").unwrap_or_default();
        times.entry(route.to_owned()).or_default().push(took);
    }
    if let Some(event) = line.text("message").filter(|event| is_reported(event)) {
        // The line of a counted event has their number as its metric.
        totals.add(event, line.text("reason"), line.number(event).unwrap_or(1));
    }
}

fn route(times: Vec<u64>) -> Route {
    let mut times = times;
    times.sort_unstable();
    let rank = |percent: usize| {
        let index = times.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
        let time = times.get(index).copied().unwrap_or_default();
        u32::try_from(time).map_or(f64::INFINITY, f64::from)
    };
    Route {
        half: rank(50),
        almost_all: rank(99),
        requests: u64::try_from(times.len()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn lines_are_counted_by_event_reason_and_route() {
        let (mut totals, mut times) = (Totals::default(), BTreeMap::new());
        for fields in [
            json!({"message": "login.succeeded", "login.succeeded": 1}),
            json!({"message": "login.failed", "reason": "wrong_password", "login.failed": 1}),
            json!({"message": "authorizer.denied", "reason": "expired", "authorizer.denied": 1}),
            json!({"message": "authorizer.denied", "reason": "expired", "authorizer.denied": 12}),
            json!({"message": "logout", "logout": 1}),
            json!({"requestId": "r", "status": "200", "routeKey": "GET /auth/me", "responseLatency": "7"}),
            json!({"requestId": "r", "status": "404", "routeKey": "-", "responseLatency": "1"}),
        ] {
            take(&line(&fields), &mut totals, &mut times);
        }

        let events: Vec<_> = totals
            .events
            .iter()
            .map(|((event, reason), number)| (event.as_str(), reason.as_deref(), *number))
            .collect();
        assert_eq!(
            events,
            [
                ("authorizer.denied", Some("expired"), 13),
                ("login.failed", Some("wrong_password"), 1),
                ("login.succeeded", None, 1)
            ]
        );
        let times: Vec<_> = times.into_iter().collect();
        assert_eq!(
            times,
            [("GET /auth/me".to_owned(), vec![7]), ("no route".to_owned(), vec![1])]
        );
    }

    #[test]
    fn times_are_ranked() {
        let all = route((1..=200).rev().collect());

        let ranked = Route {
            requests: 200,
            half: 100.0,
            almost_all: 198.0,
        };
        assert_eq!(all, ranked);
        let one = Route {
            requests: 1,
            half: 7.0,
            almost_all: 7.0,
        };
        assert_eq!(route(vec![7]), one);
    }

    fn line(fields: &Value) -> Line {
        Line::read("2026-11-25T12:00:00Z".to_owned(), &fields.to_string()).unwrap()
    }
}
