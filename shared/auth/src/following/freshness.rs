//! How old a copy is, and when its source is read again. Nothing here reads a clock or a source.

use claims::{Moment, Span};

use crate::following::{Following, OnFailure};

/// How long to wait after a failed read before trying again. It is longer than a read takes to fail, so that during an
/// outage most requests do not wait.
const PAUSE: Span = Span::seconds(5);
/// The minimum time between two reads because of an unknown key.
const UNKNOWN_KEY_POLL: Span = Span::seconds(60);

/// When a copy was read, and when a read was last tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Freshness {
    /// When the read that returned the copy began.
    answered: Option<Moment>,
    /// When the last read began, successful or not. If the read made progress but is unfinished, this is set back to
    /// `answered`, so that the next read may continue at once.
    tried: Option<Moment>,
    /// When the source was last read because of an unknown key.
    asked_for_key: Option<Moment>,
}

/// What to do about an unknown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyAction {
    /// Nothing: the source was read for the same request, or because of an unknown key within the last minute.
    Nothing,
    /// Nothing yet: the last read failed a moment ago, so the next one has to wait.
    Wait,
    /// Read the source again.
    Read,
}

impl Freshness {
    /// Returns whether the source has to be read again: there is no copy younger than `poll`, and no read failed a
    /// moment ago.
    pub(crate) fn is_due(&self, poll: Span, now: Moment) -> bool {
        has_passed(self.answered, poll, now) && !self.is_paused(now)
    }

    /// Returns whether there is a copy younger than `limit`.
    pub(crate) fn is_within(&self, limit: Span, now: Moment) -> bool {
        !has_passed(self.answered, limit, now)
    }

    /// Returns the age of the copy, or `None` if there is none.
    pub(crate) fn age(&self, now: Moment) -> Option<Span> {
        self.answered
            .map(|answered| now.timestamp().since(answered.timestamp()))
    }

    /// Returns whether decisions may be based on the copy.
    pub(crate) fn serves(&self, following: &Following, now: Moment) -> bool {
        match following.on_failure {
            OnFailure::Open => self.answered.is_some(),
            OnFailure::Closed => self.is_within(following.stale, now),
        }
    }

    /// Returns what to do about an unknown key.
    pub(crate) fn key_action(&self, now: Moment) -> KeyAction {
        let asked = !has_passed(self.asked_for_key, UNKNOWN_KEY_POLL, now);
        if asked || self.answered == Some(now) {
            KeyAction::Nothing
        } else if self.is_paused(now) {
            KeyAction::Wait
        } else {
            KeyAction::Read
        }
    }

    /// Records that a read begins.
    pub(crate) const fn mark_tried(&mut self, now: Moment) {
        self.tried = Some(now);
    }

    /// Records that part of a read succeeded, so that the rest may be read at once.
    pub(crate) const fn mark_advanced(&mut self) {
        self.tried = self.answered;
    }

    /// Records the success of the read that began at `now`.
    pub(crate) const fn mark_read(&mut self, now: Moment) {
        self.answered = Some(now);
        self.tried = Some(now);
    }

    /// Records that the source was read because of an unknown key.
    pub(crate) const fn mark_asked_for_key(&mut self, now: Moment) {
        self.asked_for_key = Some(now);
    }

    /// Returns whether the last read failed a moment ago.
    fn is_paused(&self, now: Moment) -> bool {
        self.tried != self.answered && !has_passed(self.tried, PAUSE, now)
    }
}

/// Returns whether at least `span` has passed since `then`. Also returns `true` if `then` is `None`, or lies in the
/// future because a clock was set back.
fn has_passed(then: Option<Moment>, span: Span, now: Moment) -> bool {
    then.is_none_or(|then| {
        let age = now.get().checked_sub(then.get());
        age.is_none_or(|age| age >= span.get().saturating_mul(1000))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Span = Span::seconds(300);

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
    fn a_failed_read_is_not_repeated_at_once() {
        let mut fresh = read_at(1000);
        fresh.mark_tried(at(1300));

        assert!(!fresh.is_due(POLL, at(1304)));
        assert_eq!(fresh.key_action(at(1304)), KeyAction::Wait);
        assert!(fresh.is_due(POLL, at(1305)));

        fresh.mark_tried(at(1305));
        fresh.mark_advanced();
        assert!(fresh.is_due(POLL, at(1306)), "some of it came");
    }

    #[test]
    fn an_unknown_key_costs_a_question_a_minute() {
        let mut fresh = read_at(1000);

        assert_eq!(
            fresh.key_action(at(1000)),
            KeyAction::Nothing,
            "it was read for this very request"
        );
        assert_eq!(fresh.key_action(at(1001)), KeyAction::Read);
        fresh.mark_tried(at(1001));
        fresh.mark_read(at(1001));
        fresh.mark_asked_for_key(at(1001));
        assert_eq!(fresh.key_action(at(1060)), KeyAction::Nothing);
        assert_eq!(fresh.key_action(at(1061)), KeyAction::Read);
    }

    fn read_at(seconds: u64) -> Freshness {
        let mut fresh = Freshness::default();
        fresh.mark_tried(at(seconds));
        fresh.mark_read(at(seconds));
        fresh
    }

    fn at(seconds: u64) -> Moment {
        Moment::new(seconds.checked_mul(1000).unwrap())
    }
}
