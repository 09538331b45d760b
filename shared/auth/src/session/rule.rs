//! The refresh rule: what is to be done about a refresh token that is presented for a session. Pure.

use std::str::FromStr;

use claims::{LEEWAY, Seconds, Timestamp};

use crate::session::Session;

/// The two numbers of the refresh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRule {
    /// W: for how long after it was handed out a generation is given again instead of rotated.
    pub window: Seconds,
    /// Whether a lost answer is forgiven after that.
    pub recovery: Recovery,
}

/// Whether the parent of the current generation may come back later than the window, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It may, but never in two generations running.
    On,
    /// Late means theft.
    Off,
}

/// A word that is neither `on` nor `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be on or off")]
pub struct InvalidRecovery;

impl FromStr for Recovery {
    type Err = InvalidRecovery;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err(InvalidRecovery),
        }
    }
}

/// What is to be done about a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Hand out the next generation.
    Rotate,
    /// Hand out the current generation again, byte for byte, and write nothing: tabs, retries, stragglers.
    Repeat,
    /// Hand out the current generation again, and note that a late replay was forgiven: an answer was lost.
    Recover,
    /// Revoke the session: a spent token came back too late, or once too often.
    Theft,
    /// Refuse and change nothing: the session is revoked or over.
    Refuse,
}

impl Session {
    /// Decides about generation `presented` of this session at `now`. Ages below zero count as zero.
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
            Some(2) if previous_within(rule.window.doubled()) => Decision::Repeat,
            Some(_) => Decision::Theft,
        }
    }

    /// Whether it can yield no token any more: revoked, idle for too long, or at its end.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked.is_some() || now >= self.expires_at || now >= self.idle_expires_at.plus(LEEWAY)
    }

    /// A late replay is never forgiven in two generations running: two who share a chain leave one in every generation,
    /// an honest client that lost an answer does not.
    fn may_recover(&self, rule: &RefreshRule) -> bool {
        let previous_was_recovered = self
            .recovered_generation
            .is_some_and(|recovered| recovered.saturating_add(1) == self.generation);
        rule.recovery == Recovery::On && !previous_was_recovered
    }
}
