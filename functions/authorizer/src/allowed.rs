//! The requests that were allowed. They are counted, because a line for each would cost more than the request.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use auth::feed::Poll;
use claims::{Moment, Span};
use runtime::{AuditEvent, Event};

/// The minimum time between two lines if there are no polls.
const INTERVAL: Span = Span::seconds(60);

/// The number of allowed requests that was not written yet.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    number: AtomicU64,
    /// When the number was last written, or counting began. Only an authorizer without polls uses it.
    since: Mutex<Option<Moment>>,
}

impl Allowed {
    /// Counts one more.
    pub(crate) fn add(&self) {
        self.number.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the number, with the event that says how the poll went.
    pub(crate) fn take_with(&self, poll: Poll) -> (AuditEvent, u64) {
        let took = u64::try_from(poll.took.as_millis()).unwrap_or(u64::MAX);
        let event = AuditEvent::new(Event::AuthorizerAllowed).number("poll_milliseconds", took);
        let event = match poll.age {
            Some(age) => event.number("feed_age_seconds", age.get()),
            None => event,
        };
        (event, self.number.swap(0, Ordering::Relaxed))
    }

    /// Takes the number for an authorizer without polls, if a minute has passed since it was taken or counting began.
    pub(crate) fn take_due(&self, now: Moment) -> Option<(AuditEvent, u64)> {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let began = *since.get_or_insert(now);
        if now.timestamp().since(began.timestamp()) < INTERVAL {
            return None;
        }
        *since = Some(now);
        let number = self.number.swap(0, Ordering::Relaxed);
        Some((AuditEvent::new(Event::AuthorizerAllowed), number))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

    #[test]
    fn a_poll_is_written_with_the_number_since_the_last_one() {
        let allowed = Allowed::default();
        for _ in 0..3 {
            allowed.add();
        }
        let poll = Poll {
            took: Duration::from_micros(12_900),
            age: Some(Span::seconds(0)),
        };

        let (event, number) = allowed.take_with(poll);

        assert_eq!(event.fields["poll_milliseconds"], 12);
        assert_eq!(event.fields["feed_age_seconds"], 0);
        assert_eq!((number, allowed.take_with(poll).1), (3, 0));
    }

    #[test]
    fn without_a_copy_there_is_no_age() {
        let poll = Poll {
            took: Duration::from_secs(2),
            age: None,
        };

        let (event, _) = Allowed::default().take_with(poll);

        assert!(!event.fields.contains_key("feed_age_seconds"));
    }

    #[test]
    fn without_polls_the_number_is_written_once_a_minute() {
        let allowed = Allowed::default();
        let take = |milliseconds| {
            allowed.add();
            let now = Moment::new(NOW.get().saturating_add(milliseconds));
            allowed.take_due(now).map(|(_, number)| number)
        };

        assert_eq!(take(0), None);
        assert_eq!(take(59_000), None);
        assert_eq!(take(60_000), Some(3));
        assert_eq!(take(61_000), None);
    }
}
