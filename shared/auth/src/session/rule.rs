//! The refresh rule: what happens when a refresh token of a session is presented. It depends only on its arguments.

use claims::{LEEWAY, Span, Timestamp};

use crate::session::Session;

/// The parameters of the refresh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRule {
    /// For how long after a delivery the same generation is delivered again, instead of the next one.
    pub window: Span,
    /// Whether a replay after the window may be forgiven, because an answer may have been lost.
    pub recovery: Recovery,
}

/// Whether the token of the previous generation may still be presented after the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The token of the previous generation may be presented, but never in two consecutive generations.
    On,
    /// A token of the previous generation that is presented after the window means theft.
    Off,
}

/// What to do about a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Hand out the next generation.
    Rotate,
    /// Hand out the current generation again, byte for byte, and write nothing. This is for concurrent tabs, retries
    /// and delayed requests.
    Repeat,
    /// Hand out the current generation again, and record that a late replay was forgiven: an answer was probably lost.
    Recover,
    /// Revoke the session: a spent token was presented too late or too often.
    Theft,
    /// Refuse and change nothing: the session is revoked or over.
    Refuse,
}

impl Session {
    /// Returns what to do about a token of generation `presented` at `now`. If a delivery lies in the future because
    /// clocks differ, it counts as made now.
    #[must_use]
    pub fn decide(&self, presented: u64, now: Timestamp, rule: &RefreshRule) -> Decision {
        if self.is_over(now) {
            return Decision::Refuse;
        }
        let delivered_within = |window| self.delivered_at.is_some_and(|at| now.since(at) <= window);
        let previous_within = |window| self.previous_delivered_at.is_some_and(|at| now.since(at) <= window);
        match self.generation.checked_sub(presented) {
            None => Decision::Rotate,
            Some(0) if !delivered_within(rule.window) => Decision::Rotate,
            Some(0) => Decision::Repeat,
            Some(1) if delivered_within(rule.window) => Decision::Repeat,
            Some(1) if self.may_recover(rule) => Decision::Recover,
            Some(2) if previous_within(rule.window.double()) => Decision::Repeat,
            Some(_) => Decision::Theft,
        }
    }

    /// Returns whether the session can no longer be refreshed, because it is revoked, was idle for too long, or has
    /// reached its end.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked.is_some() || now >= self.expires_at || now >= self.idle_expires_at.plus(LEEWAY)
    }

    /// Returns whether a late replay may be forgiven. It is never forgiven in two consecutive generations: two clients
    /// that use the same tokens cause a late replay in every generation, but an honest client that lost an answer does
    /// not.
    fn may_recover(&self, rule: &RefreshRule) -> bool {
        let previous_was_recovered = self
            .recovered_generation
            .is_some_and(|recovered| recovered.saturating_add(1) == self.generation);
        rule.recovery == Recovery::On && !previous_was_recovered
    }
}
