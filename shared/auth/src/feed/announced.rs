//! What a reader of the feed is given: a page at a time, and where to go on.

use claims::{Millis, Timestamp};

use crate::feed::Revocation;

/// A place in the feed; what sorts after it was not read yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(String);

impl Cursor {
    /// Before everything that was announced at this moment or later, by the feed's own clock.
    #[must_use]
    pub fn since(at: Millis) -> Self {
        Self(format!("{:013}", at.get()))
    }

    /// A place in the feed's own words.
    #[must_use]
    pub const fn of_feed(place: String) -> Self {
        Self(place)
    }

    /// The place in the feed's own words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Some of what is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncedPage {
    /// Revocations, each with the moment of its announcement.
    pub revocations: Vec<(Timestamp, Revocation)>,
    /// What the next page comes after; nothing on the last page.
    pub next: Option<Cursor>,
    /// Before everything that was announced after this page was asked for.
    pub settled: Cursor,
}
