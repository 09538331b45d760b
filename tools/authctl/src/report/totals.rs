//! What happened, counted.

use std::collections::BTreeMap;

/// The events of each part of the report, in the order of its rows.
pub(super) const PARTS: [(&str, &[&str]); 4] = [
    (
        "logins",
        &[
            "login.succeeded",
            "login.failed",
            "login.throttled",
            "login.second_refused",
            "login.second_throttled",
        ],
    ),
    (
        "refreshes",
        &[
            "refresh.rotated",
            "refresh.repeated",
            "refresh.recovered",
            "refresh.refused",
            "refresh.theft",
        ],
    ),
    (
        "authorizer",
        &["authorizer.allowed", "authorizer.denied", "authorizer.undecided"],
    ),
    (
        "failures",
        &["request.failed", "keys.unread", "key.rotation_failed", "mail.refused"],
    ),
];

/// An event with its reason, if it has one.
pub(super) type Named = (String, Option<String>);

/// The answers of a route.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Route {
    pub(super) requests: u64,
    /// The time within which half of the requests were answered, in milliseconds.
    pub(super) half: f64,
    /// The time within which 99 % of them were.
    pub(super) almost_all: f64,
}

/// What happened in a time.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) events: BTreeMap<Named, u64>,
    pub(super) routes: BTreeMap<String, Route>,
}

impl Totals {
    /// Returns the number of requests that the gateway answered.
    pub(super) fn requests(&self) -> u64 {
        self.routes.values().map(|route| route.requests).sum()
    }

    /// Adds to the number of an event.
    pub(super) fn add(&mut self, event: &str, reason: Option<&str>, number: u64) {
        let key = (event.to_owned(), reason.map(str::to_owned));
        let sum = self.events.entry(key).or_default();
        *sum = sum.saturating_add(number);
    }
}

/// Returns whether the report has the event.
pub(super) fn is_reported(event: &str) -> bool {
    PARTS.iter().any(|(_, events)| events.contains(&event))
}

#[cfg(test)]
mod tests {
    use runtime::Event;

    use super::*;

    #[test]
    fn every_event_of_the_report_exists() {
        for event in PARTS.iter().flat_map(|(_, events)| *events) {
            assert!(Event::ALL.iter().any(|known| known.as_str() == *event), "{event}");
        }
    }
}
