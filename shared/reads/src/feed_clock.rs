//! The clock by which the feed is sorted: DynamoDB's own. Writers and readers learn the time from DynamoDB's answers,
//! so that their own clocks may be wrong.
//!
//! A writer stamps an entry before it knows when the entry will be committed. If the commit turns out to be more than
//! [`LATE`] after the stamp, the writer writes the entry again. A reader sees every entry that was committed before its
//! request. An entry that is committed later has a stamp at most [`LATE`] before its commit, and thus at most [`LATE`]
//! before the request. At the next poll, the reader therefore reads the entries from [`LATE`] before the request again.
//! If an answer has no time, a writer cannot check its stamp, and a reader uses its own clock and reads the entries of
//! the last [`UNHEARD`] again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use auth::feed::Cursor;
use claims::{Moment, Timestamp};

/// The maximum time from the stamp of an entry to its commit, in milliseconds. It is longer than the time of all
/// attempts of a function's call, so a function with a correct clock never writes an entry twice. At each poll, a
/// reader reads again all entries that were younger than this at its last poll.
const LATE: u64 = 3_000;
/// The maximum difference between the clocks of two machines of DynamoDB, in milliseconds.
const APART: u64 = 500;
/// How far back a reader reads again if an answer has no time, in milliseconds. [`LATE`] and [`APART`] are not
/// used in this case.
const UNHEARD: u64 = 60_000;
/// The precision of the time in an answer, in milliseconds. That time is in whole seconds.
const WITHIN_SECOND: u64 = 1_000;

/// A writer's estimate of how far DynamoDB's clock is ahead of the writer's own, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct FeedClock(Arc<AtomicI64>);

impl FeedClock {
    /// Returns the estimated time of DynamoDB's clock when the caller's clock shows `now`.
    #[must_use]
    pub fn stamp(&self, now: Moment) -> Moment {
        Moment::new(now.get().saturating_add_signed(self.0.load(Ordering::Relaxed)))
    }

    /// Corrects the estimate if it is wrong by more than about three seconds. `heard` is the time in the answer to a
    /// call that was made at `now`. After a slow answer, the caller's clock seems to be behind. The next stamps are
    /// then a little ahead of DynamoDB's clock, which does no harm.
    pub fn learn(&self, now: Moment, heard: Timestamp) {
        let stamp = self.stamp(now).get();
        let latest = latest_millis(heard);
        if is_late(Moment::new(stamp), heard) || stamp > latest.saturating_add(LATE) {
            let ahead = i128::from(latest).saturating_sub(i128::from(now.get()));
            self.0
                .store(i64::try_from(ahead).unwrap_or_default(), Ordering::Relaxed);
        }
    }
}

/// Returns whether an entry with this stamp may have been committed too late for a reader to see it. `heard` is the
/// time in the answer to its write.
#[must_use]
pub fn is_late(stamp: Moment, heard: Timestamp) -> bool {
    latest_millis(heard).saturating_sub(stamp.get()) > LATE
}

/// Returns a place in the feed before all announcements that are committed after a page was requested. `now` is the
/// caller's time, `heard` is the time in the answer, and `waited` is how long the answer took.
pub(crate) fn settled_cursor(now: Moment, heard: Option<Timestamp>, waited: Duration) -> Cursor {
    let waited = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
    let settled = heard.map_or_else(
        || now.get().saturating_sub(UNHEARD),
        |heard| {
            let asked = heard.get().saturating_mul(1000).saturating_sub(waited);
            asked.saturating_sub(LATE.saturating_add(APART))
        },
    );
    Cursor::from_millis(Moment::new(settled))
}

/// Returns the last moment at which an answer with this time may have been made, in milliseconds.
const fn latest_millis(heard: Timestamp) -> u64 {
    heard.get().saturating_mul(1000).saturating_add(WITHIN_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

    #[test]
    fn a_clock_that_is_right_within_a_second_is_believed() {
        for now in [NOW.get() - 1_000, NOW.get(), NOW.get() + 3_000] {
            let clock = FeedClock::default();

            clock.learn(Moment::new(now), NOW.timestamp());

            assert_eq!(clock.stamp(Moment::new(now)), Moment::new(now));
        }
    }

    #[test]
    fn one_that_is_behind_or_ahead_is_corrected() {
        for now in [0, NOW.get() - 60_000, NOW.get() + 60_000, NOW.get() * 2] {
            let (clock, now) = (FeedClock::default(), Moment::new(now));

            clock.learn(now, NOW.timestamp());

            assert_eq!(clock.stamp(now).get(), NOW.get() + 1_000);
            assert!(!is_late(clock.stamp(now), NOW.timestamp()));
        }
    }

    #[test]
    fn what_was_committed_within_the_bound_sorts_after_what_is_settled() {
        // The entry is committed at the end of the second in its answer, just when a reader requests a page.
        let stamp = Moment::new(NOW.get() + WITHIN_SECOND - LATE);
        assert!(!is_late(stamp, NOW.timestamp()));
        assert!(is_late(Moment::new(stamp.get() - 1), NOW.timestamp()));

        let asked = NOW.get() + WITHIN_SECOND;
        for waited in [0, 999, 1_000, 5_000] {
            let heard = Moment::new(asked + waited + APART).timestamp();
            let settled = settled_cursor(NOW, Some(heard), Duration::from_millis(waited));

            assert!(settled <= Cursor::from_millis(stamp), "{waited}: {settled:?}");
        }
    }

    #[test]
    fn without_the_time_in_an_answer_a_minute_is_read_again() {
        let settled = settled_cursor(NOW, None, Duration::from_secs(1));

        assert_eq!(settled, Cursor::from_millis(Moment::new(NOW.get() - 60_000)));
    }
}
