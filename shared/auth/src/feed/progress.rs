//! How far a reader has come in the feed. Nothing here reads a clock or the feed.

use claims::{Moment, Span};

use crate::feed::{Cursor, compaction::oldest_cursor, retention};

/// How far the clock may be set back before the reader reads all announcements again. If the clock had run ahead, the
/// reader may have forgotten revocations too early. A smaller step back is ignored: revocations may then have been
/// forgotten too early by up to this span, but the margin in [`retention`] is longer.
const STEP_BACK: Span = Span::seconds(10);

/// How far a reader has come in the feed.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    under_way: Option<Pages>,
    /// When the last completed pass began, and the place where the next one starts.
    complete: Option<(Moment, Cursor)>,
    /// The latest time of any read.
    latest: Option<Moment>,
}

/// A pass: consecutive pages up to the end of the feed.
#[derive(Debug)]
struct Pages {
    /// When the first page of the pass was requested.
    begun: Moment,
    /// The place before everything that was announced after the first page was requested. It is `None` until the first
    /// page has been read.
    settled: Option<Cursor>,
    /// The place where the next page starts.
    after: Cursor,
}

impl Progress {
    /// Returns the place where the next page starts. If no pass is under way, a new one begins.
    pub(crate) fn ask(&mut self, now: Moment) -> Cursor {
        let ran_ahead = |latest: Moment| now < latest.minus(STEP_BACK);
        if self.latest.is_some_and(ran_ahead) {
            // The clock had run ahead and was set back: revocations that were forgotten in the meantime may matter
            // again.
            *self = Self::default();
        }
        self.latest = self.latest.max(Some(now));
        let oldest = now.minus(retention());
        let pages = self.under_way.take().filter(|pages| pages.begun > oldest);
        let pages = pages.unwrap_or_else(|| {
            let complete = self.complete.clone().filter(|(begun, _)| *begun > oldest);
            Pages {
                begun: now,
                settled: None,
                after: complete.map_or_else(|| Cursor::from_millis(oldest), |(_, after)| after),
            }
        });
        self.under_way.insert(pages).after.clone()
    }

    /// Returns whether the first pass is under way and has more than one page.
    pub(crate) fn is_long_beginning(&self) -> bool {
        let goes_on = self.under_way.as_ref().is_some_and(|pages| pages.settled.is_some());
        goes_on && self.complete.is_none()
    }

    /// Makes the next pass start after a place up to which everything is known, and forgets the pass under way. Returns
    /// `false` and changes nothing if the place is so old that nothing before it matters any more.
    pub(crate) fn begin_after(&mut self, after: Cursor, now: Moment) -> bool {
        let is_fresh = after >= oldest_cursor(now);
        if is_fresh {
            self.complete = Some((now, after));
            self.under_way = None;
        }
        is_fresh
    }

    /// Records a page that was read. If it was the last page, returns when the pass began: every announcement made
    /// before that time is now known. Otherwise returns `None`.
    pub(crate) fn note(&mut self, next: Option<Cursor>, settled: Cursor) -> Option<Moment> {
        let pages = self.under_way.take()?;
        let settled = pages.settled.unwrap_or(settled);
        let Some(after) = next else {
            self.complete = Some((pages.begun, settled));
            return Some(pages.begun);
        };
        self.under_way = Some(Pages {
            settled: Some(settled),
            after,
            ..pages
        });
        None
    }
}
