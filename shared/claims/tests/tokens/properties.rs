//! Laws of tokens and key sets, each held by thousands of random cases.

use std::{cell::Cell, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{
    Access, AccessClaims, Algorithm, Delivery, Draft, InvalidJwks, Jwks, KeySet, Refresh, RefreshClaims, Role, Scope,
    Seconds, SignError, Timestamp, TokenId, TokenKind,
};
use jsonwebtoken::DecodingKey;
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

use crate::{
    harness::{ALGORITHMS, LIFE, NOW, Service, access, audience, issuer, parts, published, refresh},
    second_opinion,
};

const CASES: u32 = 10_000;
/// The claims without which no access token is one.
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
/// How far from its times of issue and expiry a token is still accepted, in seconds.
const LEEWAY: u64 = 30;

proptest! {
    #![proptest_config(Config { cases: CASES, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_issued_verifies_and_says_what_was_drafted(algorithm in algorithm(), (draft, now) in access_drafts()) {
        let service = access(algorithm);
        match service.keys.sign(&draft) {
            Ok(token) => {
                let claims = service.verifier.verify(token.expose(), now)?;

                prop_assert_eq!((claims.sub(), claims.sid(), claims.jti()), (&draft.sub, &draft.sid, &draft.jti));
                prop_assert_eq!((claims.iat(), claims.exp()), (draft.iat, draft.exp));
                prop_assert_eq!(claims.own(), &draft.own);
            }
            Err(fault) => prop_assert_eq!(fault, SignError::TooLong { limit: Access::MAX_LENGTH }),
        }
    }

    #[test]
    fn a_refresh_token_verifies_and_says_what_was_drafted((draft, now) in refresh_drafts()) {
        let token = refresh().keys.sign(&draft)?;

        let claims = refresh().verifier.verify(token.expose(), now)?;

        prop_assert_eq!((claims.sub(), claims.sid(), claims.jti()), (&draft.sub, &draft.sid, &draft.jti));
        prop_assert_eq!((claims.iat(), claims.exp()), (draft.iat, draft.exp));
        prop_assert_eq!(claims.own(), &draft.own);
    }

    #[test]
    fn no_token_outlives_its_time((draft, _) in access_drafts(), late in LEEWAY..1 << 40, early in LEEWAY + 1..1 << 30) {
        let service = access(Algorithm::HS256);
        if let Ok(token) = service.keys.sign(&draft) {
            let before = Timestamp::new(draft.iat.get().saturating_sub(early));

            prop_assert!(service.verifier.verify(token.expose(), draft.exp.plus(Seconds::new(late))).is_err());
            prop_assert!(service.verifier.verify(token.expose(), before).is_err());
        }
    }

    #[test]
    fn every_changed_byte_is_refused(
        algorithm in algorithm(),
        position in any::<prop::sample::Index>(),
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
    fn every_removed_claim_is_missed(algorithm in algorithm(), removed in proptest::bits::u16::between(0, 13)) {
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
    fn any_text_is_refused(text in texts()) {
        for algorithm in ALGORITHMS {
            prop_assert!(access(algorithm).verify(&text).is_err());
        }
        prop_assert!(refresh().verify(&text).is_err());
        prop_assert!(refresh().verifier.verify_of_any_age(&text, NOW).is_err());
    }

    /// Even what we signed has to make sense.
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
    fn any_jwk_set_is_read_whole_or_refused_with_one_line(json in jwk_sets()) {
        match Jwks::from_json(&json) {
            Ok(jwks) => prop_assert!(jwks.verifying_keys().is_ok()),
            Err(fault @ InvalidJwks::Malformed { .. }) => prop_assert!(fault.to_string().starts_with("not a JWK set")),
            Err(fault) => prop_assert_eq!(fault.to_string().lines().count(), 1),
        }
    }
}

/// What we accept, `jsonwebtoken` accepts too, and reads the same: whatever it refuses, we refuse.
#[test]
fn nothing_is_accepted_that_jsonwebtoken_refuses() {
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

            if let Ok(claims) = service.verifier.verify(&token, Timestamp::new(now)) {
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

/// The costly algorithm is the rarest.
fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop_oneof![
        1 => Just(Algorithm::RS256),
        3 => Just(Algorithm::ES256),
        6 => Just(Algorithm::EdDSA),
        10 => Just(Algorithm::HS256),
    ]
}

fn name() -> impl Strategy<Value = String> {
    r"[!#-\[\]-~]{1,36}"
}

/// A draft, and a time at which it is alive.
fn access_drafts() -> impl Strategy<Value = (Draft<Access>, Timestamp)> {
    let own = (
        name(),
        r"([!#-\[\]-~]{1,9}( [!#-\[\]-~]{1,9}){0,3})?",
        name(),
        vec(any::<char>(), 0..20),
        any::<u64>(),
        custom(),
    );
    ([name(), name(), name()], lives(), own).prop_map(
        |([sub, sid, jti], (iat, exp, now), (client_id, scope, role, email, epoch, custom))| {
            let draft = Draft {
                iss: issuer(),
                aud: audience(),
                sub: sub.parse().unwrap(),
                sid: sid.parse().unwrap(),
                jti: jti.parse().unwrap(),
                iat,
                exp,
                own: AccessClaims {
                    client_id: client_id.parse().unwrap(),
                    scope: Scope::parse(scope).unwrap(),
                    role: Role::parse(role).unwrap(),
                    email: email.into_iter().collect(),
                    auth_time: iat,
                    epoch,
                    custom,
                },
            };
            (draft, now)
        },
    )
}

fn refresh_drafts() -> impl Strategy<Value = (Draft<Refresh>, Timestamp)> {
    let own = (any::<u64>(), select(vec![Delivery::Body, Delivery::Cookie]));
    ([name(), name()], lives(), own).prop_map(|([sub, sid], (iat, exp, now), (generation, delivery))| {
        let sid = sid.parse().unwrap();
        let draft = Draft {
            iss: issuer(),
            aud: issuer().as_audience(),
            sub: sub.parse().unwrap(),
            jti: TokenId::of_generation(&sid, generation),
            sid,
            iat,
            exp,
            own: RefreshClaims { generation, delivery },
        };
        (draft, now)
    })
}

/// A time of issue, one of expiry, and one at which the token between them is alive.
fn lives() -> impl Strategy<Value = (Timestamp, Timestamp, Timestamp)> {
    (0..10_000_000_000_u64, 1..100_000_000_u64).prop_flat_map(|(after, life)| {
        let iat = NOW.get() + after;
        (Just(iat), Just(iat + life), iat - LEEWAY..iat + life + LEEWAY)
            .prop_map(|(iat, exp, now)| (Timestamp::new(iat), Timestamp::new(exp), Timestamp::new(now)))
    })
}

fn custom() -> impl Strategy<Value = Map<String, Value>> {
    btree_map("x_[a-zé\"]{0,6}", values(), 0..3).prop_map(Map::from_iter)
}

/// Any JSON that is not deep. Halves alone stand for fractions: `serde_json` reads others with an error in the last digit.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 2.0)),
        vec(any::<char>(), 0..8).prop_map(|text| Value::from(text.into_iter().collect::<String>())),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map("[a-z]{0,3}", inner, 0..3).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Texts, most of them with something of a token.
fn texts() -> impl Strategy<Value = String> {
    let token = access(Algorithm::HS256).token();
    let pieces = prop_oneof![
        2 => any::<String>(),
        2 => "[A-Za-z0-9_-]{0,80}",
        3 => select(parts(&token).map(str::to_owned).to_vec()),
        3 => Just(".".to_owned()),
    ];
    vec(pieces, 0..7)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("a token", move |text| *text != token)
}

/// Bytes, most of them with something of JSON.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let json = values().prop_map(|value| value.to_string().into_bytes());
    prop_oneof![
        vec(any::<u8>(), 0..100),
        json,
        r#"[{}\[\]",:0-9a-u \\]{0,60}"#.prop_map(String::into_bytes)
    ]
}

/// Texts, most of them something like a key set.
fn key_sets() -> impl Strategy<Value = String> {
    let [secret, private] = [Algorithm::HS256, Algorithm::EdDSA].map(|algorithm| json!(access(algorithm).material));
    let material = prop_oneof![
        Just(secret),
        Just(private),
        "[A-Za-z0-9_-]{0,50}".prop_map(Value::from),
        values()
    ];
    let key = (
        prop_oneof!["[ab]".prop_map(Value::from), values()],
        prop_oneof![
            select(vec!["HS256", "EdDSA", "ES256", "RS256", "none"]).prop_map(Value::from),
            values()
        ],
        prop_oneof![(0..3_u64).prop_map(Value::from), values()],
        prop_oneof![3 => Just(Value::Null), 3 => (0..3_u64).prop_map(Value::from), 1 => values()],
        select(vec!["k", "pkcs8", "x"]),
        material,
    );
    let key = key.prop_map(|(kid, alg, activates_at, retires_at, member, material)| {
        json!({"kid": kid, "alg": alg, "activates_at": activates_at, "retires_at": retires_at, member: material})
    });
    let set = vec(key, 0..3).prop_map(|keys| json!({ "keys": keys }).to_string());
    prop_oneof![8 => set, 1 => any::<String>(), 1 => values().prop_map(|value| value.to_string())]
}

/// Texts, most of them something like a JWK set.
fn jwk_sets() -> impl Strategy<Value = String> {
    let genuine = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(|algorithm| published(access(algorithm)));
    let members = vec![
        "kty", "crv", "alg", "use", "key_ops", "kid", "n", "e", "x", "y", "d", "k",
    ];
    let value = prop_oneof![
        2 => values(),
        1 => Just(json!(["verify"])),
        3 => select(vec!["RSA", "EC", "OKP", "P-256", "Ed25519", "RS256", "sig", "AQAB", "a"]).prop_map(Value::from),
    ];
    let key = (select(genuine.to_vec()), btree_map(select(members), value, 0..3)).prop_map(|(mut key, changes)| {
        for (name, value) in changes {
            key[name] = value;
        }
        key
    });
    let set = vec(key, 0..3).prop_map(|keys| json!({ "keys": keys }).to_string());
    prop_oneof![8 => set, 1 => any::<String>(), 1 => values().prop_map(|value| value.to_string())]
}

/// Mostly harmless changes of a header.
fn header_changes() -> impl Strategy<Value = Map<String, Value>> {
    let names = vec![
        "typ", "alg", "kid", "cty", "x5t", "x5t#S256", "url", "nonce", "crit", "b64", "zip", "enc", "jwk", "jku",
        "x5u", "x5c",
    ];
    let changed = (select(names).prop_map(str::to_owned), values());
    let added = ("[x-z]{1,3}", values());
    vec(prop_oneof![changed, added], 0..2).prop_map(Map::from_iter)
}

/// Mostly harmless changes of the claims, dates around `now` among them.
fn claims_changes(now: u64) -> impl Strategy<Value = Map<String, Value>> {
    let date = select(vec!["exp", "nbf", "iat", "auth_time"]).prop_map(str::to_owned);
    let when = prop_oneof![3 => (now - 1_000..now + 1_000).prop_map(Value::from), 1 => values()];
    let names = vec!["iss", "aud", "sub", "sid", "jti", "role", "scope", "email"];
    let audiences = json!(["other", audience()]);
    let texts = prop_oneof![3 => name().prop_map(Value::from), 2 => values(), 1 => Just(audiences)];
    let added = ("[x-z]{1,3}", values());
    vec(
        prop_oneof![3 => (date, when), 2 => (select(names).prop_map(str::to_owned), texts), 3 => added],
        0..4,
    )
    .prop_map(Map::from_iter)
}

/// The token with white space in its JSON, under a good signature.
fn respaced(service: &Service<Access>, token: &str) -> String {
    let [header, claims] = [0, 1].map(|part| {
        let json = URL_SAFE_NO_PAD.decode(parts(token)[part]).unwrap();
        let value: Value = serde_json::from_slice(&json).unwrap();
        serde_json::to_vec_pretty(&value).unwrap()
    });
    service.sealed_bytes(&header, &claims)
}

/// Tokens of all services: as they are, and with another claim.
fn tokens() -> &'static [String] {
    static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let services = || ALGORITHMS.into_iter().map(access);
        let changed = services().map(|service| service.with_claim("exp", Some(json!(NOW.plus(LIFE.doubled())))));
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
