//! Generators of random drafts, changes, strings and key sets.

use claims::{
    Access, AccessClaims, Algorithm, Amr, Delivery, Draft, Method, Refresh, RefreshClaims, Role, Scope, Timestamp,
    TokenId,
};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::{select, subsequence},
};
use serde_json::{Map, Value, json};

use crate::harness::{LEEWAY, NOW, access, audience, issuer, parts, published};

/// Generates an algorithm. The slowest algorithm is the rarest.
pub(crate) fn algorithm() -> impl Strategy<Value = Algorithm> {
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

/// Generates a draft of an access token, and a time at which the token is valid.
pub(crate) fn access_drafts() -> impl Strategy<Value = (Draft<Access>, Timestamp)> {
    let own = (
        name(),
        r"([!#-\[\]-~]{1,9}( [!#-\[\]-~]{1,9}){0,3})?",
        name(),
        vec(any::<char>(), 0..20),
        any::<u64>(),
        custom(),
        subsequence(Method::ALL, 1..=Method::ALL.len()),
    );
    ([name(), name(), name()], lives(), own).prop_map(
        |([sub, sid, jti], (iat, exp, now), (client_id, scope, role, email, epoch, custom, methods))| {
            let amr = Amr::from_names(methods.iter().map(|method| method.as_str())).unwrap();
            let draft = Draft {
                iss: issuer(),
                aud: audience(),
                sub: sub.parse().unwrap(),
                jti: jti.parse().unwrap(),
                iat,
                exp,
                own: AccessClaims {
                    sid: sid.parse().unwrap(),
                    client_id: client_id.parse().unwrap(),
                    scope: Scope::parse(scope).unwrap(),
                    role: Role::parse(role).unwrap(),
                    email: email.into_iter().collect(),
                    epoch,
                    amr,
                    acr: amr.acr(),
                    custom,
                    ..doubles::access_claims(iat)
                },
            };
            (draft, now)
        },
    )
}

pub(crate) fn refresh_drafts() -> impl Strategy<Value = (Draft<Refresh>, Timestamp)> {
    let own = (any::<u64>(), select(vec![Delivery::Body, Delivery::Cookie]));
    ([name(), name()], lives(), own).prop_map(|([sub, sid], (iat, exp, now), (generation, delivery))| {
        let sid = sid.parse().unwrap();
        let draft = Draft {
            iss: issuer(),
            aud: issuer().as_audience(),
            sub: sub.parse().unwrap(),
            jti: TokenId::from_generation(&sid, generation),
            iat,
            exp,
            own: RefreshClaims {
                sid,
                generation,
                delivery,
            },
        };
        (draft, now)
    })
}

/// Generates a time of issue, a time of expiry, and a time at which the token is valid.
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

/// Generates any JSON that is not deeply nested. The only fractions are halves, because `serde_json` may parse other
/// fractions with an error in the last digit.
pub(crate) fn values() -> impl Strategy<Value = Value> {
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

/// Generates strings, most of them similar to a token.
pub(crate) fn strings() -> impl Strategy<Value = String> {
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

/// Generates bytes, most of them similar to JSON.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let json = values().prop_map(|value| value.to_string().into_bytes());
    prop_oneof![
        vec(any::<u8>(), 0..100),
        json,
        r#"[{}\[\]",:0-9a-u \\]{0,60}"#.prop_map(String::into_bytes)
    ]
}

/// Generates strings, most of them similar to a key set.
pub(crate) fn key_sets() -> impl Strategy<Value = String> {
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

/// Generates strings, most of them similar to a JWK set.
pub(crate) fn jwk_sets() -> impl Strategy<Value = String> {
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

/// Generates changes to a header, most of them harmless.
pub(crate) fn header_changes() -> impl Strategy<Value = Map<String, Value>> {
    let names = vec![
        "typ", "alg", "kid", "cty", "x5t", "x5t#S256", "url", "nonce", "crit", "b64", "zip", "enc", "jwk", "jku",
        "x5u", "x5c",
    ];
    let changed = (select(names).prop_map(str::to_owned), values());
    let added = ("[x-z]{1,3}", values());
    vec(prop_oneof![changed, added], 0..2).prop_map(Map::from_iter)
}

/// Generates changes to the claims. Most are harmless, and some set a claim to a time near `now`.
pub(crate) fn claims_changes(now: u64) -> impl Strategy<Value = Map<String, Value>> {
    let date = select(vec!["exp", "nbf", "iat", "auth_time"]).prop_map(str::to_owned);
    let when = prop_oneof![3 => (now - 1_000..now + 1_000).prop_map(Value::from), 1 => values()];
    let names = vec!["iss", "aud", "sub", "sid", "jti", "role", "scope", "email"];
    let audiences = json!(["other", audience()]);
    let strings = prop_oneof![3 => name().prop_map(Value::from), 2 => values(), 1 => Just(audiences)];
    let added = ("[x-z]{1,3}", values());
    vec(
        prop_oneof![3 => (date, when), 2 => (select(names).prop_map(str::to_owned), strings), 3 => added],
        0..4,
    )
    .prop_map(Map::from_iter)
}
