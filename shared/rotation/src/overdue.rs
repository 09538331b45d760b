//! Whether the rotations of a key set have stopped.

use claims::{KeySetDocument, Span, Timestamp};

/// How much later than planned a rotation may come. Secrets Manager rotates at some time of the planned day, and tries
/// again if that fails.
const MARGIN: Span = Span::seconds(2 * 24 * 60 * 60);

/// Returns whether no key became the newest one of a key set within `period`, which is the time between two rotations,
/// and two days more. A key set without keys is overdue, because its first rotation is missing.
#[must_use]
pub fn is_overdue(document: &KeySetDocument, period: Span, now: Timestamp) -> bool {
    let newest = document.keys.iter().map(|key| key.activates_at).max();
    newest.is_none_or(|newest| now.since(newest) > period.plus(MARGIN))
}

#[cfg(test)]
mod tests {
    use claims::{Algorithm, Refresh};

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);
    const DAY: u64 = 24 * 60 * 60;

    #[test]
    fn a_key_set_is_overdue_two_days_after_its_rotation_was_planned() {
        let first = KeySetDocument::from_json(&keygen::refresh_key_set(NOW, &mut config::random())).unwrap();

        for (days, expected) in [(0, false), (30, false), (32, false), (33, true), (365, true)] {
            let now = NOW.plus(Span::seconds(days * DAY));
            assert_eq!(is_overdue(&first, Span::seconds(30 * DAY), now), expected, "{days}");
        }
    }

    #[test]
    fn the_newest_key_counts_even_before_it_signs() {
        let rng = &mut config::random();
        let first = KeySetDocument::from_json(&keygen::refresh_key_set(NOW, rng)).unwrap();
        let later = NOW.plus(Span::seconds(100 * DAY));

        let rotated = keygen::add_successor::<Refresh>(&first, Algorithm::HS256, keygen::LEAD, later, rng).unwrap();

        assert!(is_overdue(&first, Span::seconds(30 * DAY), later));
        assert!(!is_overdue(&rotated, Span::seconds(30 * DAY), later));
    }

    #[test]
    fn a_key_set_that_was_never_rotated_is_overdue() {
        assert!(is_overdue(&KeySetDocument::default(), Span::seconds(DAY), NOW));
    }
}
