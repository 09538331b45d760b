//! Closed sources and users: sources without attempts left in the current window, and users without logins left. A
//! process remembers those that it has seen, and refuses such a source without asking the store.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use claims::{Moment, Span};

use crate::attempts::{Pseudonym, source_window};

/// The maximum number of remembered sources. They take about 100 KB of memory.
const MAX: usize = 1_024;

/// The sources and users that this process has seen closed in the current [`source_window`]. A user is closed while
/// they have no logins left. At most 1,024 are remembered; beyond that, each new one replaces the oldest.
///
/// If an attempt in another process succeeds, its failure is taken back, and that process may find the source open
/// again. This process still refuses the source until the next window.
#[derive(Debug, Default)]
pub struct ClosedSources(Mutex<Seen>);

/// The sources that were seen closed in one window.
#[derive(Debug, Default)]
struct Seen {
    /// The first second of the window.
    window: u64,
    sources: BTreeSet<Pseudonym>,
    /// The same sources in the order in which they were seen closed.
    order: VecDeque<Pseudonym>,
}

impl ClosedSources {
    /// Returns how long a source stays closed, or `None` if it was not seen closed in the current window.
    #[must_use]
    pub fn wait(&self, source: &Pseudonym, now: Moment) -> Option<Span> {
        let (window, left) = source_window(now);
        let seen = self.lock_seen();
        (seen.window == window && seen.sources.contains(source)).then_some(left)
    }

    /// Remembers that a source was closed at `now`. This is forgotten at the end of the window at the latest.
    pub fn close(&self, source: &Pseudonym, now: Moment) {
        let (window, _) = source_window(now);
        let mut seen = self.lock_seen();
        if seen.window != window {
            *seen = Seen {
                window,
                ..Seen::default()
            };
        }
        if !seen.sources.insert(source.clone()) {
            return;
        }
        seen.order.push_back(source.clone());
        if seen.order.len() > MAX
            && let Some(first) = seen.order.pop_front()
        {
            seen.sources.remove(&first);
        }
    }

    fn lock_seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempts::{PseudonymKey, SOURCE_WINDOW};

    /// The first moment of a window.
    const START: Moment = Moment::new(900_000 * 1_888_888);

    #[test]
    fn a_source_is_closed_from_when_it_was_seen_so_until_its_window_ends() {
        let closed = ClosedSources::default();
        assert_eq!(closed.wait(&source(1), START), None);

        closed.close(&source(1), after(100));

        assert_eq!(closed.wait(&source(1), after(100)), Some(Span::seconds(800)));
        assert_eq!(closed.wait(&source(1), after(899)), Some(Span::seconds(1)));
        assert_eq!(closed.wait(&source(1), after(SOURCE_WINDOW.get())), None);
        assert_eq!(closed.wait(&source(2), after(100)), None);
    }

    #[test]
    fn an_observation_in_one_window_does_not_count_in_another() {
        let closed = ClosedSources::default();
        closed.close(&source(1), START);

        closed.close(&source(2), after(900));

        assert_eq!(closed.wait(&source(1), after(900)), None);
        assert_eq!(closed.wait(&source(2), after(900)), Some(SOURCE_WINDOW));
        assert_eq!(closed.wait(&source(1), START), None, "the clock was set back");
    }

    #[test]
    fn no_more_than_so_many_are_remembered_and_the_oldest_goes_first() {
        let closed = ClosedSources::default();
        for number in 0..MAX {
            closed.close(&source(number), START);
            closed.close(&source(number), START);
        }
        assert!(closed.wait(&source(0), START).is_some());

        closed.close(&source(MAX), START);

        assert_eq!(closed.wait(&source(0), START), None);
        assert!((1..=MAX).all(|number| closed.wait(&source(number), START).is_some()));
        let seen = closed.lock_seen();
        assert_eq!((seen.sources.len(), seen.order.len()), (MAX, MAX));
    }

    fn after(seconds: u64) -> Moment {
        Moment::new(START.get().saturating_add(seconds.saturating_mul(1000)))
    }

    fn source(number: usize) -> Pseudonym {
        let key = PseudonymKey::parse(&"key".repeat(11)).unwrap();
        key.hash_source(&format!("source {number}"))
    }
}
