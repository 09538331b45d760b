//! How often a password may be tried: the rule, as pure functions of what was counted.
//!
//! | failures in a lane | the next attempt is admitted |
//! |---|---|
//! | 0 to 4 | at once |
//! | 5, 6, ... 14 | 1, 2, ... 512 seconds after the last one in the lane |
//! | 15, or as many in all lanes of its record as their budget | 15 minutes after the last one in any lane of the record; from a known device, as a stranger |
//!
//! An attempt counts as a failure from the moment that it is admitted until its password turns out to be right. One that
//! is admitted in the last row uses up neither its lane nor the budget, so that who fills one lane cannot use up more.

use std::collections::BTreeMap;

use claims::{Millis, Seconds, TokenId};

use crate::attempts::{ClosedSources, LANE_FAILURES, Lane, MAX_LANES, Pseudonym, PseudonymKey, UsedUp};

/// The failures in a lane before the first wait.
pub const FREE_FAILURES: u64 = 5;
/// The longest wait.
pub const MAX_WAIT: Seconds = Seconds::new(15 * 60);
/// How long after the last attempt its record is forgotten: so much longer than the longest wait that nobody gains by
/// resting.
pub const FORGOTTEN_AFTER: Seconds = Seconds::new(24 * 60 * 60);
/// How long the failures from one source count together.
pub const SOURCE_WINDOW: Seconds = Seconds::new(15 * 60);
/// How many times the limit of one source all sources of a site have together: somebody who is given a /48 of version 6
/// has 65,536 of the /64 that count as a source, while other /48 are shared by 256 subscribers.
pub const SITE_SHARE: u64 = 10;

/// What a login counts attempts with.
#[derive(Clone, Copy, Debug)]
pub struct Throttling<'a> {
    /// What stands for addresses in what is recorded.
    pub pseudonyms: &'a PseudonymKey,
    /// How many attempts without success one source has in a [`SOURCE_WINDOW`], those that are told to wait included;
    /// any number where there is no limit.
    pub source_limit: Option<u64>,
    /// The sources that this process has seen without attempts left.
    pub closed: &'a ClosedSources,
}

impl Throttling<'_> {
    /// What an attempt from this network address counts as, each with how many may fail; nothing where the address is not
    /// known, or nothing is limited.
    #[must_use]
    pub fn sources(&self, ip: Option<&str>) -> Vec<(Pseudonym, u64)> {
        let (Some(ip), Some(limit)) = (ip, self.source_limit) else {
            return Vec::new();
        };
        let site = self.pseudonyms.of_site(ip);
        let site = site.map(|site| (site, limit.saturating_mul(SITE_SHARE)));
        [(self.pseudonyms.of_source(ip), limit)]
            .into_iter()
            .chain(site)
            .collect()
    }
}

/// Whether an attempt may go on to have its password looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted.
    Admitted,
    /// Not before this much time has passed; nothing has changed.
    Wait(Seconds),
    /// Its lane is used up, and it is to be made in another one; nothing has changed.
    Closed,
}

/// The attempts in one lane, or in all of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many were admitted since the last success.
    pub failures: u64,
    /// When the last one was admitted.
    pub at: Millis,
    /// Which one that was.
    pub attempt: TokenId,
}

/// What is kept of the attempts on an address from its known devices, on an address by strangers, or on a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The failures of all lanes together that count in their budget, and the last attempt of any.
    pub all: Tally,
    /// Of each lane by its key, where it has failures; at most [`MAX_LANES`].
    pub lanes: BTreeMap<String, Tally>,
}

impl Tally {
    /// How long an attempt at `now` is to wait, if it is; at least a second. An attempt from the future, as other clocks
    /// have it, is one of now.
    #[must_use]
    pub fn wait(&self, now: Millis) -> Option<Seconds> {
        self.left_of(wait_after(self.failures), now)
    }

    /// What is left at `now` of a wait since the last attempt, in whole seconds.
    fn left_of(&self, wait: Seconds, now: Millis) -> Option<Seconds> {
        let wait = wait.get().saturating_mul(1000);
        let left = wait.saturating_sub(now.get().saturating_sub(self.at.get()));
        (left > 0).then(|| Seconds::new(left.div_ceil(1000)))
    }

    fn one_more(&self, attempt: &TokenId, now: Millis) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            ..Self::none(attempt, now)
        }
    }

    fn none(attempt: &TokenId, now: Millis) -> Self {
        Self {
            failures: 0,
            at: now,
            attempt: attempt.clone(),
        }
    }
}

impl AttemptRecord {
    /// Whether nothing of it counts any more.
    #[must_use]
    pub fn is_forgotten(&self, now: Millis) -> bool {
        self.all.at <= forgotten_before(now)
    }

    /// Whether `attempt` is the last that was counted: it comes again because its answer was lost.
    #[must_use]
    pub fn has_counted(&self, lane: &Lane, attempt: &TokenId) -> bool {
        let own = self.lanes.get(lane.key());
        self.all.attempt == *attempt || own.is_some_and(|tally| tally.attempt == *attempt)
    }

    /// Whether `attempt` is admitted to `lane` at `now`.
    #[must_use]
    pub fn admit(&self, lane: &Lane, attempt: &TokenId, now: Millis) -> Admission {
        if self.is_forgotten(now) || self.has_counted(lane, attempt) {
            return Admission::Admitted;
        }
        let wait = match (self.is_used_up(lane), lane.used_up()) {
            (true, UsedUp::Closed) => return Admission::Closed,
            (true, UsedUp::Shared) => self.all.left_of(MAX_WAIT, now),
            (false, _) => self.lanes.get(lane.key()).and_then(|own| own.wait(now)),
        };
        wait.map_or(Admission::Admitted, Admission::Wait)
    }

    /// What `known`, which is not forgotten, becomes by an attempt that is admitted and was not counted before.
    #[must_use]
    pub fn counted(known: Option<&Self>, lane: &Lane, attempt: &TokenId, now: Millis) -> Self {
        let none = Tally::none(attempt, now);
        let Some(known) = known else {
            let one = none.one_more(attempt, now);
            return Self {
                all: one.clone(),
                lanes: BTreeMap::from([(lane.key().to_owned(), one)]),
            };
        };
        let mut record = known.clone();
        if known.is_used_up(lane) {
            record.all = Tally {
                failures: known.all.failures,
                ..none
            };
            return record;
        }
        record.all = known.all.one_more(attempt, now);
        let own = known.lanes.get(lane.key()).unwrap_or(&none).one_more(attempt, now);
        record.lanes.insert(lane.key().to_owned(), own);
        record.drop_oldest(lane);
        record
    }

    /// Forgets the failures of a lane whose last attempt was right, and gives all lanes their budget back.
    pub fn clear(&mut self, lane: &Lane) {
        self.lanes.remove(lane.key());
        self.all.failures = 0;
    }

    fn is_used_up(&self, lane: &Lane) -> bool {
        let own = self.lanes.get(lane.key()).map_or(0, |tally| tally.failures);
        own >= LANE_FAILURES || lane.budget().is_some_and(|budget| self.all.failures >= budget)
    }

    /// Makes room for the lane that was counted last.
    fn drop_oldest(&mut self, counted: &Lane) {
        while self.lanes.len() > MAX_LANES {
            let others = self.lanes.iter().filter(|(key, _)| *key != counted.key());
            let oldest = others.min_by_key(|(key, tally)| (tally.at, *key));
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.lanes.remove(&oldest);
        }
    }
}

/// The wait after so many failures.
#[must_use]
pub fn wait_after(failures: u64) -> Seconds {
    let Some(doublings) = failures.checked_sub(FREE_FAILURES) else {
        return Seconds::new(0);
    };
    let doubled = u32::try_from(doublings)
        .ok()
        .and_then(|doublings| 1_u64.checked_shl(doublings));
    Seconds::new(doubled.unwrap_or(u64::MAX)).min(MAX_WAIT)
}

/// Every number of failures whose wait is not yet the longest, with that wait; ascending.
pub fn growing_waits() -> impl Iterator<Item = (u64, Seconds)> {
    (FREE_FAILURES..)
        .map(|failures| (failures, wait_after(failures)))
        .take_while(|(_, wait)| *wait < MAX_WAIT)
}

/// What was recorded at this moment or before it is forgotten.
#[must_use]
pub const fn forgotten_before(now: Millis) -> Millis {
    Millis::new(now.get().saturating_sub(FORGOTTEN_AFTER.get().saturating_mul(1000)))
}

/// The window of a source that `now` is in: its first second, and how long it goes on.
#[must_use]
pub fn source_window(now: Millis) -> (u64, Seconds) {
    window(SOURCE_WINDOW, now)
}

/// The window of this length that `now` is in: its first second, and how long it goes on.
pub(crate) fn window(length: Seconds, now: Millis) -> (u64, Seconds) {
    let (now, length) = (now.timestamp().get(), length.get());
    let past = now.checked_rem(length).unwrap_or_default();
    (now.saturating_sub(past), Seconds::new(length.saturating_sub(past)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: Millis = Millis::new(1_700_000_000_000);

    #[test]
    fn waits_begin_after_five_failures_and_double_to_a_quarter_of_an_hour() {
        let waits: Vec<u64> = (0..18).map(|failures| wait_after(failures).get()).collect();

        assert_eq!(
            waits,
            [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
        );
        assert_eq!(wait_after(u64::MAX), MAX_WAIT);
        assert_eq!(
            growing_waits().map(|(failures, _)| failures).collect::<Vec<_>>(),
            [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
        );
    }

    #[rstest]
    #[case::free(4, 0, None)]
    #[case::at_once(5, 0, Some(1))]
    #[case::just_before(5, 999, Some(1))]
    #[case::over(5, 1_000, None)]
    #[case::rounded_up(7, 1, Some(4))]
    #[case::longest(15, 899_999, Some(1))]
    #[case::longest_over(15, 900_000, None)]
    fn a_wait_is_told_in_whole_seconds_that_are_enough(
        #[case] failures: u64,
        #[case] past: u64,
        #[case] expected: Option<u64>,
    ) {
        let wait = tally(failures).wait(Millis::new(NOW.get().saturating_add(past)));

        assert_eq!(wait, expected.map(Seconds::new));
    }

    #[test]
    fn a_clock_that_is_behind_waits_no_longer_than_the_wait() {
        let wait = tally(6).wait(Millis::new(NOW.get() - 60_000));

        assert_eq!(wait, Some(Seconds::new(2)));
    }

    #[test]
    fn a_lane_is_used_up_where_the_longest_wait_begins() {
        let (last, _) = growing_waits().last().unwrap();

        assert_eq!(LANE_FAILURES, last + 1);
        assert_eq!(wait_after(LANE_FAILURES), MAX_WAIT);
    }

    #[test]
    fn a_window_of_a_source_ends_where_the_next_begins() {
        let (first, left) = source_window(NOW);

        let end = Millis::new((NOW.timestamp().get() + left.get()) * 1000);
        let before = Millis::new(end.get() - 1);
        assert_eq!(source_window(before), (first, Seconds::new(1)));
        assert_eq!(source_window(end), (first + SOURCE_WINDOW.get(), SOURCE_WINDOW));
    }

    fn tally(failures: u64) -> Tally {
        Tally {
            failures,
            at: NOW,
            attempt: TokenId::parse("attempt").unwrap(),
        }
    }
}
