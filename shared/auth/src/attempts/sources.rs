//! Sources: the IP addresses and sites from which passwords are tried, and their limits.

use claims::{Moment, Span};

use crate::attempts::{ClosedSources, Pseudonym, PseudonymKey};

/// The length of the windows in which failures from one source are counted.
pub const SOURCE_WINDOW: Span = Span::seconds(15 * 60);
/// The limit of a site (an IPv6 /48), as a multiple of the limit of one source (a /64). A /48 contains 65,536 sources.
/// Some providers give a whole /48 to one subscriber, and others divide it among 256 subscribers.
pub const SITE_SHARE: u64 = 10;

/// What is needed to count login attempts.
#[derive(Clone, Copy, Debug)]
pub struct Throttling<'a> {
    /// The key of the pseudonyms that are stored instead of addresses.
    pub pseudonyms: &'a PseudonymKey,
    /// The maximum number of unsuccessful attempts from one source in a [`SOURCE_WINDOW`], including those that were
    /// refused because they had to wait. `None` means no limit.
    pub source_limit: Option<u64>,
    /// The closed sources and users that this process remembers.
    pub closed: &'a ClosedSources,
}

impl Throttling<'_> {
    /// Returns what an attempt from this IP address counts against: the source and, for IPv6, the site, each with its
    /// limit. The list is empty if the address is unknown or there is no limit.
    #[must_use]
    pub fn sources(&self, ip: Option<&str>) -> Vec<(Pseudonym, u64)> {
        let (Some(ip), Some(limit)) = (ip, self.source_limit) else {
            return Vec::new();
        };
        let site = self.pseudonyms.hash_site(ip);
        let site = site.map(|site| (site, limit.saturating_mul(SITE_SHARE)));
        [(self.pseudonyms.hash_source(ip), limit)]
            .into_iter()
            .chain(site)
            .collect()
    }
}

/// Returns the first second of the source window that contains `now`, and how long the window still lasts.
#[must_use]
pub fn source_window(now: Moment) -> (u64, Span) {
    window(SOURCE_WINDOW, now)
}

/// Returns the first second of the window of this length that contains `now`, and how long the window still lasts.
pub(crate) fn window(length: Span, now: Moment) -> (u64, Span) {
    let (now, length) = (now.timestamp().get(), length.get());
    let past = now.checked_rem(length).unwrap_or_default();
    (now.saturating_sub(past), Span::seconds(length.saturating_sub(past)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

    #[test]
    fn a_window_of_a_source_ends_where_the_next_begins() {
        let (first, left) = source_window(NOW);

        let end = Moment::new((NOW.timestamp().get() + left.get()) * 1000);
        let before = Moment::new(end.get() - 1);
        assert_eq!(source_window(before), (first, Span::seconds(1)));
        assert_eq!(source_window(end), (first + SOURCE_WINDOW.get(), SOURCE_WINDOW));
    }
}
