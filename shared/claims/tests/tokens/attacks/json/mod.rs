//! Headers and claims that different readers could read differently.

mod numbers;
mod text;

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
