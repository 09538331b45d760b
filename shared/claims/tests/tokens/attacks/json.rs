//! Headers and claims that different readers could read differently.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Access, Algorithm, Refusal, TokenKind as _};
use rstest::rstest;
use serde_json::json;

use crate::harness::{ALGORITHMS, access, rs256};

#[rstest]
#[case::alg(r#","alg":"none""#)]
#[case::the_same_alg(r#","alg":"RS256""#)]
#[case::escaped_alg(r#","\u0061lg":"none""#)]
#[case::kid(r#","kid":"attacker""#)]
#[case::escaped_kid(r#","k\u0069d":"attacker""#)]
#[case::typ(r#","typ":"JWT""#)]
#[case::unknown(r#","x":1,"x":2"#)]
#[case::nested(r#","x":{"y":1,"y":2}"#)]
#[case::nested_and_escaped(r#","x":[{"y":1,"\u0079":2}]"#)]
fn header_members_named_twice(#[case] text: &str) {
    assert_eq!(
        rs256().refusal(&rs256().with_header_text(text)),
        Refusal::MalformedHeader
    );
}

#[rstest]
#[case::exp(r#","exp":9999999999"#)]
#[case::escaped_exp(r#","\u0065xp":9999999999"#)]
#[case::role(r#","role":"admin""#)]
#[case::escaped_role(r#","r\u006Fle":"admin""#)]
#[case::sub(r#","sub":"user-2""#)]
#[case::the_same_sub(r#","sub":"user-1""#)]
#[case::iss(r#","iss":"https://issuer.example""#)]
#[case::unknown(r#","x":1,"x":2"#)]
#[case::nested(r#","x":{"role":"admin","role":"none"}"#)]
#[case::nested_and_escaped(r#","x":[{"y":1,"\u0079":2}]"#)]
fn claims_named_twice(#[case] text: &str) {
    for service in ALGORITHMS.map(access) {
        assert_eq!(
            service.refusal(&service.with_claims_text(text)),
            Refusal::MalformedClaims
        );
    }
}

#[rstest]
#[case::nothing("")]
#[case::white_space(" ")]
#[case::null("null")]
#[case::array("[]")]
#[case::array_of_all(r#"[{"sub":"user-1"}]"#)]
#[case::text(r#""{}""#)]
#[case::number("0")]
#[case::two("{}{}")]
#[case::unfinished("{")]
#[case::single_quotes("{'sub':'user-1'}")]
#[case::comment("{}//")]
#[case::trailing_comma(r#"{"sub":"user-1",}"#)]
#[case::not_a_number(r#"{"exp":NaN}"#)]
#[case::infinity(r#"{"exp":Infinity}"#)]
#[case::hexadecimal(r#"{"exp":0xFFFFFFFF}"#)]
#[case::leading_zero(r#"{"exp":01700000900}"#)]
#[case::plus(r#"{"exp":+1700000900}"#)]
fn what_is_no_json_object(#[case] text: &str) {
    let service = rs256();
    let claims = service.sealed_bytes(service.header_text().as_bytes(), text.as_bytes());
    let header = service.sealed_bytes(text.as_bytes(), service.claims_text().as_bytes());

    assert_eq!(service.refusal(&claims), Refusal::MalformedClaims);
    assert_eq!(service.refusal(&header), Refusal::MalformedHeader);
}

#[test]
fn empty_objects_and_members() {
    let service = rs256();

    assert_eq!(service.refusal("e30.e30."), Refusal::WrongType);
    assert_eq!(
        service.refusal(&service.sealed_bytes(service.header_text().as_bytes(), b"{}")),
        Refusal::NoIssuer
    );
    for (name, expected) in [
        ("iss", Refusal::WrongIssuer),
        ("aud", Refusal::WrongAudience),
        ("sub", Refusal::NoSubject),
        ("sid", Refusal::NoSessionId),
        ("jti", Refusal::NoTokenId),
        ("role", Refusal::MalformedOwnClaims),
    ] {
        assert_eq!(
            service.refusal(&service.with_claim(name, Some(json!("")))),
            expected,
            "{name}"
        );
    }
    assert!(service.verify(&service.with_claims_text(r#","":"""#)).is_ok());
}

/// Some readers round, wrap or ignore such numbers. Valid dates are whole seconds before the year 10000.
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

#[test]
fn deep_nesting() {
    let service = access(Algorithm::HS256);
    for (open, close) in [("[", "]"), (r#"{"x":"#, "}")] {
        let inner = if open == "[" { "" } else { "1" };
        for depth in [130, 150] {
            let deep = format!(r#","x":{}{inner}{}"#, open.repeat(depth), close.repeat(depth));
            let (in_header, in_claims) = (service.with_header_text(&deep), service.with_claims_text(&deep));
            let expected = |token: &str, refusal| {
                if token.len() > Access::MAX_LENGTH {
                    Refusal::TooLong
                } else {
                    refusal
                }
            };

            assert_eq!(
                service.refusal(&in_header),
                expected(&in_header, Refusal::MalformedHeader)
            );
            assert_eq!(
                service.refusal(&in_claims),
                expected(&in_claims, Refusal::MalformedClaims)
            );
        }
        let unclosed = format!(r#"{{"x":{}"#, open.repeat(200));
        assert_eq!(
            service.refusal(&service.sealed_bytes(unclosed.as_bytes(), b"{}")),
            Refusal::MalformedHeader
        );
        assert_eq!(
            service.refusal(&URL_SAFE_NO_PAD.encode(open.repeat(100_000))),
            Refusal::TooLong
        );
    }
}

#[test]
fn raw_control_characters_in_json() {
    for odd in ["\0", "\n", "\t", "\u{1f}"] {
        let text = format!(r#","x":"{odd}""#);

        assert_eq!(
            rs256().refusal(&rs256().with_header_text(&text)),
            Refusal::MalformedHeader
        );
        assert_eq!(
            rs256().refusal(&rs256().with_claims_text(&text)),
            Refusal::MalformedClaims
        );
    }
}

/// An issuer may write white space between the members (RFC 7519 s3).
#[test]
fn white_space_in_json_changes_nothing() {
    let service = rs256();
    let spaced = |json: &str| format!(" {}\n", json.replace(":\"", " :\t\r\n\""));

    let token = service.sealed_bytes(
        spaced(&service.header_text()).as_bytes(),
        spaced(&service.claims_text()).as_bytes(),
    );

    assert!(service.verify(&token).is_ok());
}

fn with_number(name: &str, number: &str) -> String {
    rs256().sealed_bytes(
        rs256().header_text().as_bytes(),
        rs256().claims_text_with(name, number).as_bytes(),
    )
}

#[rstest]
#[case::nul("\0")]
#[case::line_feed("\n")]
#[case::escape("\u{1b}[31m")]
#[case::delete("\u{7f}")]
#[case::right_to_left("\u{202e}")]
#[case::quote("\"")]
#[case::space(" ")]
fn control_characters_in_names(#[case] odd: &str) {
    for (name, expected) in [
        ("sub", Refusal::NoSubject),
        ("sid", Refusal::NoSessionId),
        ("jti", Refusal::NoTokenId),
        ("role", Refusal::MalformedOwnClaims),
        ("client_id", Refusal::MalformedOwnClaims),
        ("iss", Refusal::WrongIssuer),
        ("aud", Refusal::WrongAudience),
    ] {
        let odd = format!("x{odd}y");
        assert_eq!(
            rs256().refusal(&rs256().with_claim(name, Some(json!(odd)))),
            expected,
            "{name}"
        );
    }
}

/// Invalid UTF-8 in a name, in a value, and in a member that is not used.
#[test]
fn text_that_is_not_utf_8() {
    let service = rs256();
    let [header, claims] = [service.header_text(), service.claims_text()];
    for bytes in [
        &b"\xff"[..],
        b"\xc0\x80",
        b"\xc0\xae",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
        b"\xe2\x82",
    ] {
        for (before, after) in [(r#","x":""#, "\""), (r#","x"#, r#"":1"#), (r#","x":{"y":["#, r#""]}"#)] {
            let insert = |object: &str| {
                [
                    &object.as_bytes()[..object.len() - 1],
                    before.as_bytes(),
                    bytes,
                    after.as_bytes(),
                    b"}",
                ]
                .concat()
            };

            assert_eq!(
                service.refusal(&service.sealed_bytes(&insert(&header), claims.as_bytes())),
                Refusal::MalformedHeader
            );
            assert_eq!(
                service.refusal(&service.sealed_bytes(header.as_bytes(), &insert(&claims))),
                Refusal::MalformedClaims
            );
        }
    }
}

#[test]
fn text_in_another_encoding() {
    let service = rs256();
    let [header, claims] = [service.header_text(), service.claims_text()];
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let with_mark = |text: &str| format!("\u{feff}{text}").into_bytes();

    assert_eq!(
        service.refusal(&service.sealed_bytes(&utf_16(&header), claims.as_bytes())),
        Refusal::MalformedHeader
    );
    assert_eq!(
        service.refusal(&service.sealed_bytes(&with_mark(&header), claims.as_bytes())),
        Refusal::MalformedHeader
    );
    assert_eq!(
        service.refusal(&service.sealed_bytes(header.as_bytes(), &with_mark(&claims))),
        Refusal::MalformedClaims
    );
    assert_eq!(
        service.refusal(&service.with_claims_text(r#","x":"\ud800""#)),
        Refusal::MalformedClaims
    );
}
