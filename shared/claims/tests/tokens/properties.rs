//! Properties of tokens and key sets, each checked with thousands of random cases.

use std::{cell::Cell, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Access, Algorithm, InvalidJwks, Jwks, KeySet, Refresh, SignError, Span, Timestamp, TokenKind as _};
use jsonwebtoken::DecodingKey;
use proptest::{
    bits,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    harness::{ALGORITHMS, LEEWAY, LIFE, NOW, Service, access, parts, published, refresh, verify, verify_of_any_age},
    second_opinion,
    strategies::{
        access_drafts, algorithm, bytes, claims_changes, header_changes, jwk_sets, key_sets, refresh_drafts, strings,
    },
};

const CASES: u32 = 10_000;
/// The claims without which an access token is refused.
const REQUIRED: [&str; 13] = [
    "iss",
    "aud",
    "sub",
    "sid",
    "jti",
    "iat",
    "exp",
    "client_id",
    "scope",
    "role",
    "email",
    "auth_time",
    "epoch",
];

proptest! {
    #![proptest_config(Config { cases: CASES, failure_persistence: None, ..Config::default() })]

    #[test]
    fn an_issued_token_verifies_with_the_drafted_claims(algorithm in algorithm(), (draft, now) in access_drafts()) {
        let service = access(algorithm);
        match service.keys.sign(&draft) {
            Ok(token) => {
                let claims = verify(&service.verifier, token.expose(), now)?;

                prop_assert_eq!((claims.sub(), claims.sid(), claims.jti()), (&draft.sub, &draft.own.sid, &draft.jti));
                prop_assert_eq!((claims.iat(), claims.exp()), (draft.iat, draft.exp));
                prop_assert_eq!(claims.own(), &draft.own);
            }
            Err(fault) => prop_assert_eq!(fault, SignError::TooLong { limit: Access::MAX_LENGTH }),
        }
    }

    #[test]
    fn a_refresh_token_verifies_with_the_drafted_claims((draft, now) in refresh_drafts()) {
        let token = refresh().keys.sign(&draft)?;

        let claims = verify(&refresh().verifier, token.expose(), now)?;

        prop_assert_eq!((claims.sub(), claims.sid(), claims.jti()), (&draft.sub, &draft.own.sid, &draft.jti));
        prop_assert_eq!((claims.iat(), claims.exp()), (draft.iat, draft.exp));
        prop_assert_eq!(claims.own(), &draft.own);
    }

    #[test]
    fn no_token_outlives_its_time((draft, _) in access_drafts(), late in LEEWAY..1 << 40, early in LEEWAY + 1..1 << 30) {
        let service = access(Algorithm::HS256);
        if let Ok(token) = service.keys.sign(&draft) {
            let before = Timestamp::new(draft.iat.get().saturating_sub(early));

            prop_assert!(verify(&service.verifier, token.expose(), draft.exp.plus(Span::seconds(late))).is_err());
            prop_assert!(verify(&service.verifier, token.expose(), before).is_err());
        }
    }

    #[test]
    fn every_changed_byte_is_refused(
        algorithm in algorithm(),
        position in any::<Index>(),
        byte in prop_oneof![9 => select(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.".to_vec()), 1 => 0..128_u8],
    ) {
        let service = access(algorithm);
        let token = service.token();
        let mut changed = token.clone().into_bytes();
        changed[position.index(token.len())] = byte;
        let changed = String::from_utf8(changed).unwrap();

        prop_assert_eq!(service.verify(&changed).is_ok(), changed == token);
    }

    #[test]
    fn every_removed_claim_is_missed(algorithm in algorithm(), removed in bits::u16::between(0, 13)) {
        let service = access(algorithm);
        let token = service.sealed(|_, claims| {
            for (position, name) in REQUIRED.iter().enumerate() {
                if removed >> position & 1 == 1 {
                    claims.remove(*name);
                }
            }
        });

        prop_assert_eq!(service.verify(&token).is_ok(), removed == 0);
    }

    #[test]
    fn every_swapped_part_is_refused(
        of_header in 0..9_usize,
        of_claims in 0..9_usize,
        of_signature in 0..9_usize,
    ) {
        let tokens = tokens();
        let token = format!(
            "{}.{}.{}",
            parts(&tokens[of_header])[0], parts(&tokens[of_claims])[1], parts(&tokens[of_signature])[2]
        );
        let is_genuine = tokens.contains(&token);

        let accepted = ALGORITHMS.iter().any(|algorithm| access(*algorithm).verify(&token).is_ok())
            || refresh().verify(&token).is_ok();

        prop_assert_eq!(accepted, is_genuine, "{} {} {}", of_header, of_claims, of_signature);
    }

    #[test]
    fn any_other_string_is_refused(text in strings()) {
        for algorithm in ALGORITHMS {
            prop_assert!(access(algorithm).verify(&text).is_err());
        }
        prop_assert!(refresh().verify(&text).is_err());
        prop_assert!(verify_of_any_age(&refresh().verifier, &text, NOW).is_err());
    }

    /// Even a signed token must have a valid header and valid claims.
    #[test]
    fn any_signed_bytes_are_refused(header in bytes(), claims in bytes()) {
        let service = access(Algorithm::HS256);
        let good = [service.header_text(), service.claims_text()].map(String::into_bytes);
        for (header, claims) in [(&header, &claims), (&good[0], &claims), (&header, &good[1])] {
            prop_assert!(service.verify(&service.sealed_bytes(header, claims)).is_err());
        }
    }

    #[test]
    fn any_key_set_is_read_or_refused_with_one_line(json in key_sets()) {
        let refusals = [
            KeySet::<Access>::from_json(&json).err().map(|fault| fault.to_string()),
            KeySet::<Refresh>::from_json(&json).err().map(|fault| fault.to_string()),
        ];
        for refusal in refusals.into_iter().flatten() {
            prop_assert_eq!(refusal.lines().count(), 1, "{}", refusal);
        }
    }

    #[test]
    fn any_jwk_set_is_read_or_refused_with_one_line(json in jwk_sets()) {
        match Jwks::from_json(&json) {
            Ok(jwks) => prop_assert!(jwks.verifying_keys().is_ok()),
            Err(fault @ InvalidJwks::Malformed { .. }) => prop_assert!(fault.to_string().starts_with("not a JWK set")),
            Err(fault) => prop_assert_eq!(fault.to_string().lines().count(), 1),
        }
    }
}

/// `jsonwebtoken` accepts every token that this crate accepts, and reads the same claims from it.
#[test]
fn what_jsonwebtoken_refuses_is_refused_here_too() {
    let now = jsonwebtoken::get_current_timestamp();
    let accepted = Cell::new(0);
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let changes = (algorithm(), header_changes(), claims_changes(now), any::<bool>());

    runner
        .run(&changes, |(algorithm, header_changes, claims_changes, spaced)| {
            let service = access(algorithm);
            let token = service.sealed(|header, claims| {
                claims.extend([("iat".to_owned(), json!(now)), ("exp".to_owned(), json!(now + 900))]);
                header.extend(header_changes);
                claims.extend(claims_changes);
            });
            let token = if spaced { respaced(service, &token) } else { token };

            if let Ok(claims) = verify(&service.verifier, &token, Timestamp::new(now)) {
                accepted.set(accepted.get() + 1);
                let theirs = second_opinion::claims(&token, algorithm, &decoding_key(service));
                let theirs = theirs.map_err(|refusal| TestCaseError::fail(format!("{token}: {refusal}")))?;
                prop_assert_eq!(&theirs["sub"], &json!(claims.sub()));
                prop_assert_eq!(&theirs["exp"], &json!(claims.exp()));
                prop_assert_eq!(&theirs["role"], &json!(claims.own().role));
            }
            Ok(())
        })
        .unwrap();

    assert!(
        accepted.get() > CASES / 10,
        "{} of {CASES} were accepted",
        accepted.get()
    );
}

/// Returns the token with white space added to its JSON. The signature is valid.
fn respaced(service: &Service<Access>, token: &str) -> String {
    let [header, claims] = [0, 1].map(|part| {
        let json = URL_SAFE_NO_PAD.decode(parts(token)[part]).unwrap();
        let value: Value = serde_json::from_slice(&json).unwrap();
        serde_json::to_vec_pretty(&value).unwrap()
    });
    service.sealed_bytes(&header, &claims)
}

/// Returns two access tokens of each algorithm, the second with a later `exp`, and a refresh token.
fn tokens() -> &'static [String] {
    static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let services = || ALGORITHMS.into_iter().map(access);
        let changed = services().map(|service| service.with_claim("exp", Some(json!(NOW.plus(LIFE.double())))));
        let tokens = services().map(Service::token).chain(changed);
        tokens.chain([refresh().token()]).collect()
    });
    &TOKENS
}

fn decoding_key(service: &Service<Access>) -> DecodingKey {
    if service.algorithm == Algorithm::HS256 {
        return DecodingKey::from_secret(&URL_SAFE_NO_PAD.decode(&service.material).unwrap());
    }
    DecodingKey::from_jwk(&serde_json::from_value(published(service)).unwrap()).unwrap()
}
