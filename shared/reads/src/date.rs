//! Dates in requests and answers.

use std::time::UNIX_EPOCH;

use claims::Timestamp;

const DAY: u64 = 86_400;

/// Formats a moment as AWS signs it: `20260102T030405Z` (ISO 8601 basic format).
pub(crate) fn format_basic(at: Timestamp) -> String {
    let (day, second) = (at.get() / DAY, at.get() % DAY);
    let (year, month, day) = civil(day);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Parses the second in a `Date` header (RFC 9110 s5.6.7).
pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(text).ok()?;
    Some(Timestamp::new(date.duration_since(UNIX_EPOCH).ok()?.as_secs()))
}

/// Returns year, month and day of a day since 1970-01-01.
///
/// Documented: `civil_from_days` in Howard Hinnant's "chrono-compatible low-level date algorithms". A year begins in
/// March, so that the leap day is its last.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a day since 1970 is far from the limits of its type"
)]
const fn civil(day: u64) -> (u64, u64, u64) {
    let day = day.saturating_add(719_468);
    let era = day / 146_097;
    let of_era = day % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_date_is_formatted_as_aws_reads_it() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_767_323_045, "20260102T030405Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            assert_eq!(format_basic(Timestamp::new(seconds)), expected);
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_the_day_that_http_says() {
        for day in 0..146_097 {
            let seconds = day * DAY;
            let http = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            let basic = format_basic(Timestamp::new(seconds));

            // Sun, 06 Nov 1994 08:49:37 GMT
            assert_eq!((&http[12..16], &http[5..7]), (&basic[..4], &basic[6..8]), "{http}");
            assert_eq!(parse_http(&http), Some(Timestamp::new(seconds)));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "1994-11-06T08:49:37Z", "Wed, 31 Dec 1969 23:59:59 GMT"] {
            assert_eq!(parse_http(text), None, "{text}");
        }
    }
}
