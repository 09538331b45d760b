//! How far a reader has come in the feed: pages that belong together, and where the next ones begin. Pure.

use claims::{Millis, Seconds};

use crate::feed::{
    Cursor,
    compaction::{earlier, oldest},
    retention,
};

/// How far a clock may be set back before it counts as one that ran ahead. What was forgotten by then matters at most that
/// much longer, which is less than [`retention`] adds.
const STEP_BACK: Seconds = Seconds::new(10);

/// How far a reader has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    under_way: Option<Pages>,
    /// When the last pages were begun that came to their end, and what the next ones come after.
    complete: Option<(Millis, Cursor)>,
    /// The latest moment at which anything was asked for.
    latest: Option<Millis>,
}

/// Pages from a beginning to the end of the feed.
#[derive(Debug)]
struct Pages {
    /// When the first was asked for.
    begun: Millis,
    /// Before everything that was announced after that.
    settled: Option<Cursor>,
    /// What the next one comes after.
    after: Cursor,
}

impl Progress {
    /// What the next page comes after.
    pub(crate) fn ask(&mut self, now: Millis) -> Cursor {
        let ran_ahead = |latest: Millis| now < earlier(latest, STEP_BACK);
        if self.latest.is_some_and(ran_ahead) {
            // The clock ran ahead and has been set back: what was forgotten meanwhile may matter again.
            *self = Self::default();
        }
        self.latest = self.latest.max(Some(now));
        let oldest = earlier(now, retention());
        let pages = self.under_way.take().filter(|pages| pages.begun > oldest);
        let pages = pages.unwrap_or_else(|| {
            let complete = self.complete.clone().filter(|(begun, _)| *begun > oldest);
            Pages {
                begun: now,
                settled: None,
                after: complete.map_or_else(|| Cursor::since(oldest), |(_, after)| after),
            }
        });
        self.under_way.insert(pages).after.clone()
    }

    /// Begins after a place up to which everything is known; not where what matters begins before that.
    pub(crate) fn begin_after(&mut self, after: Cursor, now: Millis) -> bool {
        let is_fresh = after >= oldest(now);
        if is_fresh {
            self.complete = Some((now, after));
        }
        is_fresh
    }

    /// Notes a page that was read. When it was the last: since when everything is known that had been announced by then.
    pub(crate) fn note(&mut self, next: Option<Cursor>, settled: Cursor) -> Option<Millis> {
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
