//! Attacks with other encodings of a valid token. A token has only one encoding that is accepted.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use claims::Refusal;
use serde_json::json;

use crate::harness::{ALGORITHMS, access, parts, refresh, rs256};

#[test]
fn white_space_and_control_characters_in_a_token() {
    for service in ALGORITHMS.map(access) {
        let token = service.token();
        let dot = token.find('.').unwrap();
        for odd in [
            " ", "\t", "\r\n", "\n", "\0", "\u{b}", "\u{7f}", "\u{85}", "\u{a0}", "\u{200b}", "\u{feff}", "\u{ff0e}",
            ",", "%2E",
        ] {
            for position in [0, 1, dot, dot + 1, token.len() - 1, token.len()] {
                let mut odd_token = token.clone();
                odd_token.insert_str(position, odd);

                assert_eq!(
                    service.refusal(&odd_token),
                    Refusal::NotCompact,
                    "{odd:?} at {position}"
                );
            }
        }
        assert_eq!(service.refusal(&format!("Bearer {token}")), Refusal::NotCompact);
    }
}

/// Each sequence of bytes has only one valid encoding in base64url.
#[test]
fn base64_of_another_form() {
    for service in ALGORITHMS.map(access) {
        let token = service.token();
        let [header, claims, signature] = parts(&token).map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        for engine in [&URL_SAFE, &STANDARD] {
            let other = format!(
                "{}.{}.{}",
                engine.encode(&header),
                engine.encode(&claims),
                engine.encode(&signature)
            );
            if other != token {
                assert_eq!(service.refusal(&other), Refusal::NotCompact);
            }
        }
        // The last character of a part may have unused bits, which a lenient decoder ignores.
        for (position, _) in token.match_indices('.').chain([(token.len(), "")]) {
            let last = token.as_bytes()[position - 1];
            for other in (b'A'..=b'z')
                .filter(u8::is_ascii_alphanumeric)
                .filter(|other| *other != last)
            {
                let mut changed = token.clone().into_bytes();
                changed[position - 1] = other;

                assert!(service.verify(&String::from_utf8(changed).unwrap()).is_err());
            }
        }
    }
}

#[test]
fn json_serialisation() {
    for service in ALGORITHMS.map(access) {
        let token = service.token();
        let [header, claims, signature] = parts(&token);
        let flattened = json!({"protected": header, "payload": claims, "signature": signature});
        let general = json!({"payload": claims, "signatures": [{"protected": header, "signature": signature}]});

        for json in [flattened, general, json!(token), json!([token])] {
            assert_eq!(service.refusal(&json.to_string()), Refusal::NotCompact);
        }
    }
}

#[test]
fn tokens_longer_than_any_of_ours() {
    for length in [2_049, 10_000, 1_000_000] {
        let long = rs256().token() + &"A".repeat(length);
        assert_eq!(rs256().refusal(&long), Refusal::TooLong);
    }
    let padded = rs256().with_claim("x", Some(json!("x".repeat(2_000))));
    assert_eq!(rs256().refusal(&padded), Refusal::TooLong);
    let padded = refresh().with_claim("x", Some(json!("x".repeat(700))));
    assert_eq!(refresh().refusal(&padded), Refusal::TooLong);
}
