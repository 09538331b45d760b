//! The refresh rule: what happens when a refresh token is presented for a session. Pure.

use claims::{LEEWAY, Span, Timestamp};

use crate::session::Session;

/// The parameters of the refresh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRule {
    /// W: the time after the delivery of a generation in which it is delivered again instead of rotated.
    pub window: Span,
    /// Whether a lost answer is forgiven after the window.
    pub recovery: Recovery,
}

/// Whether the token before the current generation may be presented once after the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It may, but never in two consecutive generations.
    On,
    /// A late token means theft.
    Off,
}

/// What to do about a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Hand out the next generation.
    Rotate,
    /// Hand out the current generation again, byte for byte, and write nothing. This serves tabs, retries and
    /// stragglers.
    Repeat,
    /// Hand out the current generation again, and record that a late replay was forgiven: the answer was lost.
    Recover,
    /// Revoke the session: a spent token was presented too late, or once too often.
    Theft,
    /// Refuse and change nothing: the session is revoked or over.
    Refuse,
}

impl Session {
    /// Decides about generation `presented` of this session at `now`. A negative age counts as zero.
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

    /// Returns whether the session can yield no more tokens because it is revoked, idle for too long, or at its end.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked.is_some() || now >= self.expires_at || now >= self.idle_expires_at.plus(LEEWAY)
    }

    /// Returns whether a late replay may be forgiven. It never is in two consecutive generations: two clients that
    /// share a chain cause one in every generation, but an honest client that lost an answer does not.
    fn may_recover(&self, rule: &RefreshRule) -> bool {
        let previous_was_recovered = self
            .recovered_generation
            .is_some_and(|recovered| recovered.saturating_add(1) == self.generation);
        rule.recovery == Recovery::On && !previous_was_recovered
    }
}
