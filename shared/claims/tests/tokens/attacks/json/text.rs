//! White space, control characters and other encodings in the JSON of a token.

use claims::Refusal;
use rstest::rstest;
use serde_json::json;

use crate::harness::rs256;

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

/// The invalid UTF-8 is in a name, in a value, or in a member that is not used.
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
