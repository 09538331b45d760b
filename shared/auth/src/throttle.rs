//! How often a password may be tried: the rule, as pure functions of what was counted.
//!
//! | failures in a lane | the next attempt is admitted |
//! |---|---|
//! | 0 to 4 | at once |
//! | 5, 6, ... 14 | 1, 2, ... 512 seconds after the last one that was |
//! | 15 and more | 15 minutes after the last one that was |
//!
//! An attempt counts as a failure from the moment that it is admitted until its password turns out to be right.

use std::collections::BTreeMap;

use claims::{DeviceId, Millis, Seconds, TokenId, UserId};

use crate::{Pseudonym, PseudonymKey};

/// The failures in a lane before the first wait.
pub const FREE_FAILURES: u64 = 5;
/// The longest wait.
pub const LONGEST_WAIT: Seconds = Seconds::new(15 * 60);
/// How long after the last attempt its record is forgotten: so much longer than the longest wait that nobody gains by
/// resting.
pub const FORGOTTEN_AFTER: Seconds = Seconds::new(24 * 60 * 60);
/// The failures of all known devices of one address together, since one of them succeeded, after which none has a lane of
/// its own. With the 14 that may fail without the longest wait where no device is known, and as many in a change of
/// password, they are fewer than the 100 that NIST SP 800-63B-4 s3.2.2 allows.
pub const DEVICE_FAILURES: u64 = 60;
/// How long the failures from one source count together.
pub const SOURCE_WINDOW: Seconds = Seconds::new(15 * 60);

/// Where attempts are counted, each lane by itself, so that who comes by one cannot keep others from theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lane {
    /// At a login, for an address from anywhere.
    Address(Pseudonym),
    /// At a login, for an address from a device that it has logged in from before.
    Device(Pseudonym, DeviceId),
    /// At a change of password, for a user who is logged in.
    Change(UserId),
}

impl Lane {
    /// Its name, for the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Device(..) => "device",
            Self::Change(_) => "change",
        }
    }

    /// What its attempts are recorded under, the same for all devices of an address.
    #[must_use]
    pub fn record(&self) -> String {
        match self {
            Self::Address(address) => format!("address#{}", address.as_str()),
            Self::Device(address, _) => format!("devices#{}", address.as_str()),
            Self::Change(user_id) => format!("change#{user_id}"),
        }
    }

    /// The device, where the lane is one's.
    #[must_use]
    pub const fn device(&self) -> Option<&DeviceId> {
        match self {
            Self::Device(_, device) => Some(device),
            Self::Address(_) | Self::Change(_) => None,
        }
    }
}

/// What a login counts attempts with.
#[derive(Clone, Copy, Debug)]
pub struct Throttling<'a> {
    /// What stands for addresses in what is recorded.
    pub pseudonyms: &'a PseudonymKey,
    /// How many attempts without success one source has in a [`SOURCE_WINDOW`], those that are told to wait included;
    /// any number where there is no limit.
    pub source_limit: Option<u64>,
}

/// Whether an attempt may go on to have its password looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted.
    Admitted,
    /// Not before this much time has passed; nothing has changed.
    Wait(Seconds),
    /// Its device has no lane of its own any more; nothing has changed.
    Closed,
}

/// The attempts in one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many were admitted since the last success.
    pub failures: u64,
    /// When the last one was admitted.
    pub at: Millis,
    /// Which one that was.
    pub attempt: TokenId,
}

/// What is kept of the attempts on an address, on a user, or on an address from its known devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Of all lanes together.
    pub all: Tally,
    /// Of each device, where there are any.
    pub devices: BTreeMap<DeviceId, Tally>,
}

impl Tally {
    /// How long an attempt at `now` is to wait, if it is; at least a second. An attempt from the future, as other clocks
    /// have it, is one of now.
    #[must_use]
    pub fn wait(&self, now: Millis) -> Option<Seconds> {
        let wait = wait_after(self.failures).get().saturating_mul(1000);
        let left = wait.saturating_sub(now.get().saturating_sub(self.at.get()));
        (left > 0).then(|| Seconds::new(left.div_ceil(1000)))
    }
}

impl AttemptRecord {
    /// Whether nothing of it counts any more.
    #[must_use]
    pub fn is_forgotten(&self, now: Millis) -> bool {
        self.all.at <= forgotten_before(now)
    }

    /// Whether `attempt` is the last that was counted in its lane: it comes again because its answer was lost.
    #[must_use]
    pub fn has_counted(&self, lane: &Lane, attempt: &TokenId) -> bool {
        self.tally(lane).is_some_and(|tally| tally.attempt == *attempt)
    }

    /// Whether `attempt` is admitted to `lane` at `now`.
    #[must_use]
    pub fn admit(&self, lane: &Lane, attempt: &TokenId, now: Millis) -> Admission {
        let tally = self.tally(lane);
        if self.is_forgotten(now) || self.has_counted(lane, attempt) {
            return Admission::Admitted;
        }
        if lane.device().is_some() && self.all.failures >= DEVICE_FAILURES {
            return Admission::Closed;
        }
        tally
            .and_then(|tally| tally.wait(now))
            .map_or(Admission::Admitted, Admission::Wait)
    }

    /// What `known`, which is not forgotten, becomes by an attempt that is admitted and was not counted before.
    #[must_use]
    pub fn counted(known: Option<&Self>, lane: &Lane, attempt: &TokenId, now: Millis) -> Self {
        let one_more = |tally: Option<&Tally>| Tally {
            failures: tally.map_or(0, |tally| tally.failures).saturating_add(1),
            at: now,
            attempt: attempt.clone(),
        };
        let mut devices = known.map(|record| record.devices.clone()).unwrap_or_default();
        if let Some(device) = lane.device() {
            let tally = one_more(devices.get(device));
            devices.insert(device.clone(), tally);
        }
        Self {
            all: one_more(known.map(|record| &record.all)),
            devices,
        }
    }

    /// Takes back the failures of a lane whose last attempt was right; of a device's, those of all devices together too.
    pub fn clear(&mut self, lane: &Lane) {
        if let Some(tally) = lane.device().and_then(|device| self.devices.get_mut(device)) {
            tally.failures = 0;
        }
        self.all.failures = 0;
    }

    fn tally(&self, lane: &Lane) -> Option<&Tally> {
        match lane.device() {
            None => Some(&self.all),
            Some(device) => self.devices.get(device),
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
    Seconds::new(doubled.unwrap_or(u64::MAX)).min(LONGEST_WAIT)
}

/// Every number of failures whose wait is not yet the longest, with that wait; ascending.
pub fn growing_waits() -> impl Iterator<Item = (u64, Seconds)> {
    (FREE_FAILURES..)
        .map(|failures| (failures, wait_after(failures)))
        .take_while(|(_, wait)| *wait < LONGEST_WAIT)
}

/// What was recorded at this moment or before it is forgotten.
#[must_use]
pub const fn forgotten_before(now: Millis) -> Millis {
    Millis::new(now.get().saturating_sub(FORGOTTEN_AFTER.get().saturating_mul(1000)))
}

/// The window of a source that `now` is in: its first second, and how long it goes on.
#[must_use]
pub fn source_window(now: Millis) -> (u64, Seconds) {
    let (now, length) = (now.timestamp().get(), SOURCE_WINDOW.get());
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
        assert_eq!(wait_after(u64::MAX), LONGEST_WAIT);
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
    fn all_lanes_together_fail_less_than_a_hundred_times_without_the_longest_wait() {
        let (without, _) = growing_waits().last().unwrap();

        assert!([without, DEVICE_FAILURES, without].iter().sum::<u64>() < 100);
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
