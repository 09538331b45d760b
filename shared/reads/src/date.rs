//! Dates in requests and answers.

use std::time::UNIX_EPOCH;

use claims::Timestamp;

/// Formats a time as AWS signs it: `20260102T030405Z` (ISO 8601 basic format). Returns an empty string for a time after
/// the year 9999.
pub(crate) fn format_basic(at: Timestamp) -> String {
    let seconds = i64::try_from(at.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| String::new(), |time| time.to_string().replace(['-', ':'], ""))
}

/// Parses a `Date` header (RFC 9110 s5.6.7). Returns `None` if it is not a date, or is before 1970.
pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(text).ok()?;
    Some(Timestamp::new(date.duration_since(UNIX_EPOCH).ok()?.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_formatted_as_aws_reads_it() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_767_323_045, "20260102T030405Z"),
            (4_107_542_400, "21000301T000000Z"),
            (u64::MAX, ""),
        ] {
            assert_eq!(format_basic(Timestamp::new(seconds)), expected);
        }
    }

    #[test]
    fn the_second_of_a_header_is_read() {
        let date = parse_http("Sun, 06 Nov 1994 08:49:37 GMT");

        assert_eq!(date, Some(Timestamp::new(784_111_777)));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "1994-11-06T08:49:37Z", "Wed, 31 Dec 1969 23:59:59 GMT"] {
            assert_eq!(parse_http(text), None, "{text}");
        }
    }
}
