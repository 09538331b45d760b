//! Points in time and spans of it, in whole seconds, as RFC 7519 counts them.

use serde::{Deserialize, Serialize};

/// How far two clocks may disagree: the one constant that verification and every retention time use.
///
/// A token is alive while `now < exp + LEEWAY` (RFC 7519 s4.1.4, which asks for "no more than a few minutes").
pub const LEEWAY: Seconds = Seconds::new(30);

/// A span of time in whole seconds; never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(u64);

impl Seconds {
    /// A span of this many seconds.
    #[must_use]
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The number of seconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This span and another one; saturates at the end of time.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Twice this span.
    #[must_use]
    pub const fn doubled(self) -> Self {
        Self(self.0.saturating_mul(2))
    }
}

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, the `NumericDate` of RFC 7519 s2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The point in time this many seconds after the epoch.
    #[must_use]
    pub const fn new(seconds_since_epoch: u64) -> Self {
        Self(seconds_since_epoch)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This point, later by `span`; saturates at the end of time.
    #[must_use]
    pub const fn plus(self, span: Seconds) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long ago `earlier` was; zero when it lies in the future, because clocks step back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }
}

/// A point in time in milliseconds since the epoch, for identifiers that sort by time and for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(u64);

impl Millis {
    /// The point in time this many milliseconds after the epoch.
    #[must_use]
    pub const fn new(milliseconds_since_epoch: u64) -> Self {
        Self(milliseconds_since_epoch)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The whole second that this point lies in.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        Timestamp(self.0 / 1000)
    }
}

/// Tells the time. The system's own clock is read in one place of the workspace; tests move theirs.
pub trait Clock: Send + Sync {
    /// Now, in milliseconds since the epoch.
    fn now(&self) -> Millis;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_never_negative() {
        let now = Timestamp::new(100);

        assert_eq!(now.since(Timestamp::new(160)), Seconds::new(0));
        assert_eq!(now.since(Timestamp::new(40)).get(), 60);
    }

    #[test]
    fn the_end_of_time_does_not_wrap_around() {
        assert_eq!(Timestamp::new(u64::MAX).plus(Seconds::new(1)), Timestamp::new(u64::MAX));
    }

    #[test]
    fn milliseconds_are_cut_to_the_second_they_lie_in() {
        assert_eq!(Millis::new(1_999).timestamp(), Timestamp::new(1));
    }
}
