//! Pages of the feed, and cursors that mark places in it.

use claims::{Moment, Timestamp};

use crate::feed::Revocation;

/// A place in the feed. A reader at this place has yet to read everything that sorts after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(String);

impl Cursor {
    /// Returns the place before every announcement that has this time, or a later one, on the feed's own clock.
    #[must_use]
    pub fn from_millis(at: Moment) -> Self {
        Self(format!("{:013}", at.get()))
    }

    /// Makes a cursor from a place in the feed's own format.
    #[must_use]
    pub const fn from_feed(place: String) -> Self {
        Self(place)
    }

    /// Returns the place in the feed's own format.
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
    /// Where the next page starts. It is `None` for the last page.
    pub next: Option<Cursor>,
    /// The place before everything that was announced after this page was requested.
    pub settled: Cursor,
}
