//! Times in tokens that are not valid numbers of seconds.

use claims::Refusal;

use crate::harness::rs256;

/// Some JSON parsers round, wrap or ignore huge, negative or fractional numbers. Valid times are whole seconds before
/// the year 10000.
#[test]
fn huge_negative_and_broken_numbers_as_dates() {
    for (name, expected) in [
        ("exp", Refusal::NoExpiry),
        ("nbf", Refusal::MalformedNotBefore),
        ("iat", Refusal::NoIssueTime),
    ] {
        for number in [
            "253402300800",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "340282366920938463463374607431768211456",
            "1e10",
            "1.7e9",
            "1700000900.0",
            "1700000900.5",
            "1e308",
            "1e-400",
            "-0",
            "-0.0",
            "-1",
            "-9223372036854775808",
            "-9223372036854775809",
            r#""1700000900""#,
            r#""""#,
            "true",
            "false",
            "null",
            "[]",
            "[1700000900]",
            "{}",
            r#"{"$date":1700000900}"#,
        ] {
            assert_eq!(rs256().refusal(&with_number(name, number)), expected, "{name} {number}");
        }
        for number in ["1e400", "-1e400"] {
            assert_eq!(
                rs256().refusal(&with_number(name, number)),
                Refusal::MalformedClaims,
                "{name} {number}"
            );
        }
        let endless = "9".repeat(300);
        assert_eq!(rs256().refusal(&with_number(name, &endless)), expected);
        assert_eq!(
            rs256().refusal(&with_number(name, &endless.repeat(2))),
            Refusal::MalformedClaims
        );
    }
}

fn with_number(name: &str, number: &str) -> String {
    rs256().sealed_bytes(
        rs256().header_text().as_bytes(),
        rs256().claims_text_with(name, number).as_bytes(),
    )
}
