//! How old a copy of something is, and when it is read anew. Pure.

use claims::{Millis, Seconds};

use crate::following::{Following, OnFailure};

/// How long to leave in peace what could not be read; longer than it may take to find that out, so that most requests
/// of an outage wait for nothing.
const PAUSE: Seconds = Seconds::new(5);
/// How often something is read once more for a key that is not known.
const UNKNOWN_KEY_POLL: Seconds = Seconds::new(60);

/// When a copy was read, and when that was tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Freshness {
    /// When the question was sent that the copy is the answer to.
    answered: Option<Millis>,
    /// When the last question was sent, answered or not.
    tried: Option<Millis>,
    /// When it was last read for a key that is not known.
    asked_for_key: Option<Millis>,
}

/// What can be done about a key that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForKey {
    /// Nothing: that was done a moment ago.
    Nothing,
    /// Nothing yet: it could not be read a moment ago.
    Wait,
    /// Read once more.
    Read,
}

impl Freshness {
    /// Whether a copy is to be read anew that may be as old as `poll`.
    pub(crate) fn is_due(&self, poll: Seconds, now: Millis) -> bool {
        has_passed(self.answered, poll, now) && !self.is_paused(now)
    }

    /// Whether a copy is there that is younger than `limit`.
    pub(crate) fn is_within(&self, limit: Seconds, now: Millis) -> bool {
        !has_passed(self.answered, limit, now)
    }

    /// Whether a copy that is followed like this may be decided by.
    pub(crate) fn serves(&self, following: &Following, now: Millis) -> bool {
        match following.on_failure {
            OnFailure::Open => self.answered.is_some(),
            OnFailure::Closed => self.is_within(following.stale, now),
        }
    }

    /// What a key that is not known is reason for.
    pub(crate) fn for_key(&self, now: Millis) -> ForKey {
        let asked = !has_passed(self.asked_for_key, UNKNOWN_KEY_POLL, now);
        if asked || self.answered == Some(now) {
            ForKey::Nothing
        } else if self.is_paused(now) {
            ForKey::Wait
        } else {
            ForKey::Read
        }
    }

    /// Notes that a question is sent.
    pub(crate) const fn try_at(&mut self, now: Millis) {
        self.tried = Some(now);
    }

    /// Notes that some of the answer came: the rest may be asked for at once.
    pub(crate) const fn advanced(&mut self) {
        self.tried = self.answered;
    }

    /// Notes the answer to the question that was sent at `now`.
    pub(crate) const fn read(&mut self, now: Millis) {
        self.answered = Some(now);
        self.tried = Some(now);
    }

    /// Notes that the question was sent for a key that is not known.
    pub(crate) const fn asked_for_key(&mut self, now: Millis) {
        self.asked_for_key = Some(now);
    }

    /// Whether the last try failed, and a moment ago.
    fn is_paused(&self, now: Millis) -> bool {
        self.tried != self.answered && !has_passed(self.tried, PAUSE, now)
    }
}

/// Whether it is `span` or more since `then`; also when there was no `then`, or it lies ahead, because clocks step back.
fn has_passed(then: Option<Millis>, span: Seconds, now: Millis) -> bool {
    then.is_none_or(|then| {
        let age = now.get().checked_sub(then.get());
        age.is_none_or(|age| age >= span.get().saturating_mul(1000))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Seconds = Seconds::new(300);

    #[test]
    fn what_was_never_read_is_due_and_of_no_use() {
        let fresh = Freshness::default();

        assert!(fresh.is_due(POLL, at(0)));
        assert!(!fresh.is_within(POLL, at(0)));
    }

    #[test]
    fn a_copy_is_due_from_its_age_on_and_when_the_clock_steps_back() {
        let fresh = read_at(1000);

        assert!(!fresh.is_due(POLL, at(1299)));
        assert!(fresh.is_due(POLL, at(1300)));
        assert!(fresh.is_due(POLL, at(999)));
    }

    #[test]
    fn what_could_not_be_read_is_left_in_peace_for_a_moment() {
        let mut fresh = read_at(1000);
        fresh.try_at(at(1300));

        assert!(!fresh.is_due(POLL, at(1304)));
        assert_eq!(fresh.for_key(at(1304)), ForKey::Wait);
        assert!(fresh.is_due(POLL, at(1305)));

        fresh.try_at(at(1305));
        fresh.advanced();
        assert!(fresh.is_due(POLL, at(1306)), "some of it came");
    }

    #[test]
    fn an_unknown_key_costs_a_question_a_minute() {
        let mut fresh = read_at(1000);

        assert_eq!(
            fresh.for_key(at(1000)),
            ForKey::Nothing,
            "it was read for this very request"
        );
        assert_eq!(fresh.for_key(at(1001)), ForKey::Read);
        fresh.try_at(at(1001));
        fresh.read(at(1001));
        fresh.asked_for_key(at(1001));
        assert_eq!(fresh.for_key(at(1060)), ForKey::Nothing);
        assert_eq!(fresh.for_key(at(1061)), ForKey::Read);
    }

    fn read_at(seconds: u64) -> Freshness {
        let mut fresh = Freshness::default();
        fresh.try_at(at(seconds));
        fresh.read(at(seconds));
        fresh
    }

    fn at(seconds: u64) -> Millis {
        Millis::new(seconds.checked_mul(1000).unwrap())
    }
}
