//! Pages of the feed, and the places between them.

use claims::{Moment, Timestamp};

use crate::feed::Revocation;

/// A place in the feed. Everything that sorts after it is still unread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(String);

impl Cursor {
    /// The place before everything announced at this moment or later, by the feed's own clock.
    #[must_use]
    pub fn from_millis(at: Moment) -> Self {
        Self(format!("{:013}", at.get()))
    }

    /// Wraps a place in the feed's own format.
    #[must_use]
    pub const fn from_feed(place: String) -> Self {
        Self(place)
    }

    /// The place in the feed's own format.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A page of announcements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncedPage {
    /// Revocations, each with the time of its announcement.
    pub revocations: Vec<(Timestamp, Revocation)>,
    /// Where the next page starts. The last page has none.
    pub next: Option<Cursor>,
    /// The place before everything that was announced after this page was requested.
    pub settled: Cursor,
}
