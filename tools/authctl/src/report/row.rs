//! A row of the report.

use serde::Serialize;

use super::totals::{PARTS, Totals};
use crate::output::Row;

/// What happened how often, how long it took, or what it cost.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct ReportRow {
    pub(super) part: &'static str,
    pub(super) what: String,
    pub(super) number: Option<f64>,
    pub(super) half_ms: Option<f64>,
    pub(super) almost_all_ms: Option<f64>,
    pub(super) dollars: Option<f64>,
}

impl ReportRow {
    /// Returns the rows about events and routes. A part without events has one row with zero.
    pub(super) fn of_totals(totals: &Totals) -> Vec<Self> {
        let mut rows = Vec::new();
        for (part, events) in PARTS {
            let before = rows.len();
            for event in events {
                let found = totals.events.iter().filter(|((name, _), _)| name == event);
                rows.extend(found.map(|((_, reason), number)| {
                    Self {
                        part,
                        what: reason
                            .as_ref()
                            .map_or_else(|| (*event).to_owned(), |reason| format!("{event} ({reason})")),
                        number: Some(float(*number)),
                        ..Self::default()
                    }
                }));
            }
            if rows.len() == before {
                rows.push(Self {
                    part,
                    what: "none".to_owned(),
                    number: Some(0.0),
                    ..Self::default()
                });
            }
        }
        rows.extend(totals.routes.iter().map(|(name, route)| Self {
            part: "latency",
            what: name.clone(),
            number: Some(float(route.requests)),
            half_ms: Some(route.half),
            almost_all_ms: Some(route.almost_all),
            ..Self::default()
        }));
        rows
    }
}

/// Returns a number for a table. Beyond 2^32, the report says the maximum.
pub(super) fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

impl Row for ReportRow {
    const COLUMNS: &'static [&'static str] = &["PART", "WHAT", "NUMBER", "50 % MS", "99 % MS", "DOLLARS"];

    fn cells(&self) -> Vec<String> {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.0}"));
        vec![
            self.part.to_owned(),
            self.what.clone(),
            number(self.number),
            number(self.half_ms),
            number(self.almost_all_ms),
            self.dollars.map_or_else(String::new, |dollars| format!("{dollars:.4}")),
        ]
    }

    fn name(&self) -> String {
        self.what.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::totals::Route, *};

    #[test]
    fn rows_are_in_the_order_of_the_parts() {
        let mut totals = Totals::default();
        totals.add("refresh.rotated", None, 40);
        totals.add("login.failed", Some("wrong_password"), 2);
        totals.add("login.succeeded", None, 9);
        let route = Route {
            requests: 11,
            half: 46.6,
            almost_all: 80.0,
        };
        totals.routes.insert("POST /auth/login".to_owned(), route);

        let rows = ReportRow::of_totals(&totals);

        let cells: Vec<_> = rows.iter().map(|row| row.cells().join(" | ")).collect();
        assert_eq!(
            cells,
            [
                "logins | login.succeeded | 9 |  |  | ",
                "logins | login.failed (wrong_password) | 2 |  |  | ",
                "refreshes | refresh.rotated | 40 |  |  | ",
                "authorizer | none | 0 |  |  | ",
                "failures | none | 0 |  |  | ",
                "latency | POST /auth/login | 11 | 47 | 80 | ",
            ]
        );
    }
}
