//! How often a password may be tried: the rule, as pure functions of the counts.
//!
//! | failures in a lane | the next attempt is admitted |
//! |---|---|
//! | 0 to 4 | at once |
//! | 5, 6, ... 14 | 1, 2, ... 512 seconds after the last one in the lane |
//! | 15, or the budget in all lanes of the record together | 15 minutes after the last one in any lane of the record; the lane of a device is closed |
//!
//! An attempt counts as a failure from its admission until its password turns out to be right. An attempt that is
//! admitted by the last row counts neither in its lane nor towards the budget, so further attempts in a used-up lane
//! take nothing from the others.

use std::collections::BTreeMap;

use claims::{Moment, SessionId, Span, TokenId};

use crate::attempts::{Lane, MAX_LANES, UsedUp};

/// The number of failures in a lane before the first wait.
pub const FREE_FAILURES: u64 = 5;
/// The longest wait.
pub const MAX_WAIT: Span = Span::seconds(15 * 60);
/// How long after the last attempt a record is forgotten. This is much longer than the longest wait, so an attacker
/// gains nothing by pausing.
pub const FORGOTTEN_AFTER: Span = Span::seconds(24 * 60 * 60);

/// Whether an attempt or a success is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The attempt or success is admitted and counted.
    Admitted,
    /// The attempt or success has to wait this long. Nothing has changed.
    Wait(Span),
    /// The lane is used up, and the attempt has to be counted in another one. Nothing has changed.
    Closed,
}

/// The attempts in one lane, or in all lanes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many attempts since the last success count as failures.
    pub failures: u64,
    /// When the last attempt was admitted.
    pub at: Moment,
    /// The id of the last attempt.
    pub attempt: TokenId,
}

/// The stored attempts in all lanes of one kind: the logins from known devices at one address, the other logins at one
/// address, or the changes of one user's password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The failures in all lanes together, which count towards the budget, and the last attempt in any lane.
    pub all: Tally,
    /// The attempts in each lane, by the key of the lane. There are at most [`MAX_LANES`] lanes.
    pub lanes: BTreeMap<String, Tally>,
}

impl Tally {
    /// Returns how long an attempt at `now` has to wait, in whole seconds, or `None` if it need not wait. If the last
    /// attempt lies in the future because clocks differ, it counts as made now.
    #[must_use]
    pub fn wait(&self, now: Moment) -> Option<Span> {
        self.left_of(wait_after(self.failures), now)
    }

    /// Returns how much of a wait is left at `now`, counted from the last attempt and rounded up to whole seconds.
    pub(crate) fn left_of(&self, wait: Span, now: Moment) -> Option<Span> {
        let wait = wait.get().saturating_mul(1000);
        let left = wait.saturating_sub(now.get().saturating_sub(self.at.get()));
        (left > 0).then(|| Span::seconds(left.div_ceil(1000)))
    }

    fn one_more(&self, attempt: &TokenId, now: Moment) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            ..Self::none(attempt, now)
        }
    }

    fn none(attempt: &TokenId, now: Moment) -> Self {
        Self {
            failures: 0,
            at: now,
            attempt: attempt.clone(),
        }
    }
}

impl AttemptRecord {
    /// Returns whether the record of this lane is so old that nothing in it counts any more.
    #[must_use]
    pub fn is_forgotten(&self, lane: &Lane, now: Moment) -> bool {
        self.all.at <= lane.forgotten_before(now)
    }

    /// Returns whether `attempt` was counted as the last one in its lane or in the record. If so, it is a retry of a
    /// write whose answer was lost.
    #[must_use]
    pub fn has_counted(&self, lane: &Lane, attempt: &TokenId) -> bool {
        let own = self.lanes.get(lane.key());
        self.all.attempt == *attempt || own.is_some_and(|tally| tally.attempt == *attempt)
    }

    /// Returns whether `attempt` is admitted to `lane` at `now`.
    #[must_use]
    pub fn admit(&self, lane: &Lane, attempt: &TokenId, now: Moment) -> Admission {
        if self.is_forgotten(lane, now) || self.has_counted(lane, attempt) {
            return Admission::Admitted;
        }
        let wait = match (self.is_used_up(lane), lane.used_up()) {
            (true, UsedUp::Closed) => return Admission::Closed,
            (true, UsedUp::Shared) => self.all.left_of(MAX_WAIT, now),
            (false, _) => self.lanes.get(lane.key()).and_then(|own| own.wait(now)),
        };
        wait.map_or(Admission::Admitted, Admission::Wait)
    }

    /// Returns the record after an attempt that is admitted and was not counted before. `known` is the record before
    /// the attempt, or `None` if there is no record or it is forgotten.
    #[must_use]
    pub fn counted(known: Option<&Self>, lane: &Lane, attempt: &TokenId, now: Moment) -> Self {
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

    /// Takes back `attempt`, whose password was not checked or was right. It does so only if the attempt is the last
    /// one in its lane and still counts there and towards the budget. The next wait still begins at the time of the
    /// attempt.
    pub fn take_back(&mut self, lane: &Lane, attempt: &TokenId) {
        let own = self.lanes.get_mut(lane.key());
        let Some(own) = own.filter(|own| own.attempt == *attempt && own.failures > 0) else {
            return;
        };
        if self.all.failures > 0 {
            own.failures = own.failures.saturating_sub(1);
            own.attempt = taken_back();
            self.all.failures = self.all.failures.saturating_sub(1);
        }
    }

    /// Forgets the failures in a lane after an attempt in it has succeeded, and restores the budget of the record.
    pub fn clear(&mut self, lane: &Lane) {
        self.lanes.remove(lane.key());
        self.all.failures = 0;
    }

    pub(crate) fn is_used_up(&self, lane: &Lane) -> bool {
        let own = self.lanes.get(lane.key()).map_or(0, |tally| tally.failures);
        own >= lane.limit() || lane.budget().is_some_and(|budget| self.all.failures >= budget)
    }

    /// Drops the oldest lanes to make room for the one that was just counted.
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

/// Returns the id that replaces the id of an attempt that was taken back, so that the attempt is taken back only once.
#[must_use]
pub fn taken_back() -> TokenId {
    TokenId::from_generation(&SessionId::new(Moment::new(0), [0; 10]), 0)
}

/// Returns the wait after this many failures.
#[must_use]
pub fn wait_after(failures: u64) -> Span {
    let Some(doublings) = failures.checked_sub(FREE_FAILURES) else {
        return Span::seconds(0);
    };
    let doubled = u32::try_from(doublings)
        .ok()
        .and_then(|doublings| 1_u64.checked_shl(doublings));
    Span::seconds(doubled.unwrap_or(u64::MAX)).min(MAX_WAIT)
}

/// Returns the numbers of failures that cause a wait shorter than [`MAX_WAIT`], in ascending order, each with its wait.
pub fn growing_waits() -> impl Iterator<Item = (u64, Span)> {
    (FREE_FAILURES..)
        .map(|failures| (failures, wait_after(failures)))
        .take_while(|(_, wait)| *wait < MAX_WAIT)
}

#[cfg(test)]
mod tests {
    use claims::UserId;
    use rstest::rstest;

    use super::*;
    use crate::attempts::LANE_FAILURES;

    const NOW: Moment = Moment::new(1_700_000_000_000);

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
    fn a_wait_is_rounded_up_to_whole_seconds(#[case] failures: u64, #[case] past: u64, #[case] expected: Option<u64>) {
        let wait = tally(failures).wait(Moment::new(NOW.get().saturating_add(past)));

        assert_eq!(wait, expected.map(Span::seconds));
    }

    #[test]
    fn a_clock_that_is_behind_waits_no_longer_than_the_wait() {
        let wait = tally(6).wait(Moment::new(NOW.get() - 60_000));

        assert_eq!(wait, Some(Span::seconds(2)));
    }

    #[test]
    fn a_lane_is_used_up_where_the_longest_wait_begins() {
        let (last, _) = growing_waits().last().unwrap();

        assert_eq!(LANE_FAILURES, last + 1);
        assert_eq!(wait_after(LANE_FAILURES), MAX_WAIT);
    }

    #[test]
    fn an_attempt_is_taken_back_once_and_no_other_with_it() {
        let [lane, other] = ["source", "other"].map(|source| Lane::Change {
            user_id: UserId::parse("user").unwrap(),
            sid: SessionId::parse(source).unwrap(),
            is_fresh: true,
        });
        let [first, second] = ["first", "second"].map(|id| TokenId::parse(id).unwrap());
        let one = AttemptRecord::counted(None, &lane, &first, NOW);
        let mut two = AttemptRecord::counted(Some(&one), &lane, &second, NOW);

        two.take_back(&lane, &first);
        two.take_back(&other, &second);
        assert_eq!((two.all.failures, two.lanes[lane.key()].failures), (2, 2));
        for _ in 0..2 {
            two.take_back(&lane, &second);
            assert_eq!((two.all.failures, two.lanes[lane.key()].failures), (1, 1));
        }
    }

    fn tally(failures: u64) -> Tally {
        Tally {
            failures,
            at: NOW,
            attempt: TokenId::parse("attempt").unwrap(),
        }
    }
}
