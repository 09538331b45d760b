//! Events that a stranger can cause as often as they like. They are counted first and then written as one line with
//! their number.

use std::collections::BTreeMap;

use claims::Moment;

use crate::{AuditEvent, Event};

/// The minimum time between two lines for the same event and reason, in milliseconds.
const INTERVAL: u64 = 10_000;

/// How often each event has happened since it was last written. Events and reasons are constants in the code, so the
/// number of entries is limited.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: BTreeMap<Key, Count>,
}

/// An event and its reason.
type Key = (Event, &'static str);

#[derive(Debug)]
struct Count {
    /// How many of these events have not been written yet.
    unwritten: u64,
    written_at: Option<Moment>,
}

impl Tally {
    /// Counts one more event.
    pub(crate) fn add(&mut self, event: Event, reason: &'static str) {
        let count = self.counts.entry((event, reason)).or_insert(Count {
            unwritten: 0,
            written_at: None,
        });
        count.unwritten = count.unwritten.saturating_add(1);
    }

    /// Takes the events that are due at `now`, each with the number of times that it happened since it was last
    /// written. An event is due if this number is not zero and the event was not written within the last [`INTERVAL`].
    pub(crate) fn take_due(&mut self, now: Moment) -> Vec<(AuditEvent, u64)> {
        let due = self.counts.iter_mut().filter(|(_, count)| count.is_due(now));
        due.map(|((event, reason), count)| {
            count.written_at = Some(now);
            let event = AuditEvent::new(*event).reason(reason);
            (event, std::mem::take(&mut count.unwritten))
        })
        .collect()
    }
}

impl Count {
    /// Returns whether the event is due at `now`. If the last line seems to come from the future, the clock was set
    /// back, and the event does not wait for [`INTERVAL`].
    fn is_due(&self, now: Moment) -> bool {
        let is_old = |at: Moment| now.get().checked_sub(at.get()).is_none_or(|age| age >= INTERVAL);
        self.unwritten > 0 && self.written_at.is_none_or(is_old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

    #[test]
    fn the_first_is_written_at_once_and_the_others_together() {
        let mut tally = Tally::default();
        add(&mut tally, "bad_signature");
        assert_eq!(numbers(&mut tally, NOW), [("bad_signature".to_owned(), 1)]);

        for _ in 0..999 {
            add(&mut tally, "bad_signature");
            assert_eq!(numbers(&mut tally, after(9_999)), []);
        }

        assert_eq!(numbers(&mut tally, after(10_000)), [("bad_signature".to_owned(), 999)]);
        assert_eq!(numbers(&mut tally, after(60_000)), [], "nothing happened since");
    }

    #[test]
    fn each_reason_is_counted_by_itself() {
        let mut tally = Tally::default();
        for reason in ["unknown_key", "bad_signature", "bad_signature"] {
            add(&mut tally, reason);
        }

        let expected = [("bad_signature".to_owned(), 2), ("unknown_key".to_owned(), 1)];
        assert_eq!(numbers(&mut tally, NOW), expected);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_from_being_written() {
        let mut tally = Tally::default();
        add(&mut tally, "bad_signature");
        tally.take_due(NOW);

        add(&mut tally, "bad_signature");

        let earlier = Moment::new(NOW.get() - 1);
        assert_eq!(numbers(&mut tally, earlier), [("bad_signature".to_owned(), 1)]);
    }

    fn add(tally: &mut Tally, reason: &'static str) {
        tally.add(Event::AuthorizerDenied, reason);
    }

    fn numbers(tally: &mut Tally, now: Moment) -> Vec<(String, u64)> {
        let due = tally.take_due(now).into_iter();
        due.map(|(event, number)| (event.fields["reason"].as_str().unwrap().to_owned(), number))
            .collect()
    }

    fn after(milliseconds: u64) -> Moment {
        Moment::new(NOW.get().saturating_add(milliseconds))
    }
}
