//! Points in time, in seconds or milliseconds, spans of time in seconds, and the trait of clocks.

use serde::{Deserialize, Serialize};

/// The tolerated difference between two clocks. Verification and all retention times use this constant.
///
/// A token is valid while `now < exp + LEEWAY` (RFC 7519 s4.1.4, which asks for "no more than a few minutes").
pub const LEEWAY: Span = Span::seconds(30);

/// A span of time in whole seconds. It is never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(u64);

impl Span {
    /// Returns a span of this many seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Returns the number of seconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the sum of both spans. It saturates at the largest `u64`.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns twice this span. It saturates at the largest `u64`.
    #[must_use]
    pub const fn double(self) -> Self {
        Self(self.0.saturating_mul(2))
    }
}

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, the `NumericDate` of RFC 7519 s2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Returns the point in time this many seconds after the Unix epoch.
    #[must_use]
    pub const fn new(seconds_since_epoch: u64) -> Self {
        Self(seconds_since_epoch)
    }

    /// Returns the whole seconds since the Unix epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the point in time that is later by `span`. It saturates at the largest `u64`.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// Returns the span from `earlier` to this point in time. The span is zero if `earlier` is in fact the later time,
    /// as can happen when a clock is set back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A point in time in milliseconds since the Unix epoch. It is used in logs, for limits on attempts, and in identifiers
/// that sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// Returns the point in time this many milliseconds after the Unix epoch.
    #[must_use]
    pub const fn new(milliseconds_since_epoch: u64) -> Self {
        Self(milliseconds_since_epoch)
    }

    /// Returns the milliseconds since the Unix epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the point in time that is earlier by `span`. It saturates at the Unix epoch.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0.saturating_mul(1000)))
    }

    /// Returns the whole second that contains this point in time.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        Timestamp(self.0 / 1000)
    }
}

/// A source of the current time. The functions use the system's clock, and tests use a clock that they set.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Moment;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_never_negative() {
        let now = Timestamp::new(100);

        assert_eq!(now.since(Timestamp::new(160)), Span::seconds(0));
        assert_eq!(now.since(Timestamp::new(40)).get(), 60);
    }

    #[test]
    fn the_end_of_time_does_not_wrap_around() {
        assert_eq!(
            Timestamp::new(u64::MAX).plus(Span::seconds(1)),
            Timestamp::new(u64::MAX)
        );
    }

    #[test]
    fn a_time_before_the_epoch_is_the_epoch() {
        assert_eq!(Moment::new(3_500).minus(Span::seconds(2)), Moment::new(1_500));
        assert_eq!(Moment::new(1_999).minus(Span::seconds(2)), Moment::new(0));
    }

    #[test]
    fn milliseconds_are_cut_to_the_second_they_lie_in() {
        assert_eq!(Moment::new(1_999).timestamp(), Timestamp::new(1));
    }
}
