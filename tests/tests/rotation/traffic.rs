//! Full rotations under steady traffic, with readers that have delays up to the maximum: no valid token is refused, and
//! no token of a retired key is accepted.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use auth::{
    following::{Followed, Following, OnFailure},
    keys::{KEYS_STALE, KeySets, Published, RefreshKeys, Signer as _, follow_key_set, follow_public_keys},
};
use claims::{
    Access, Algorithm, Audience, Delivery, Device, DeviceClaims, DeviceId, Draft, Issuer, Jwks, KeySet, KeySetDocument,
    LEEWAY, Moment, Refresh, RefreshClaims, SessionId, Span, Timestamp, TokenId, TokenKind, Unverified, UserId,
    Verifier,
};
use keygen::LEAD;
use rstest::rstest;

use crate::{
    readers::{OTHERS, POLL},
    vault::{Feed, Late, Vault, rotate_access, rotate_refresh},
};

const BEGIN: Timestamp = Timestamp::new(1_700_000_000);
const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// The delays of the four readers of a secret or of the public keys: none, half of the maximum, almost the maximum, and
/// the maximum.
const LATE: [Span; 4] = [
    Span::seconds(0),
    Span::seconds(1800),
    Span::seconds(3599),
    Span::seconds(3600),
];

#[rstest]
#[case::es256(Algorithm::ES256)]
#[case::eddsa(Algorithm::EdDSA)]
#[tokio::test]
async fn access_tokens(#[case] algorithm: Algorithm) {
    let (vault, feed, clock) = (Vault::empty(BEGIN), Feed::default(), Mutex::new(BEGIN));
    rotate_access("r-0", algorithm, BEGIN, &vault, &feed).await.unwrap();
    // The test begins so late that every reader has the first keys, even one with the maximum delay.
    let begin = BEGIN.plus(OTHERS);
    let rotations = [begin.plus(Span::seconds(HOUR)), begin.plus(Span::seconds(13 * HOUR))];
    set(&clock, begin);
    let mut issuers = Vec::new();
    for late in LATE {
        let make = |keys: KeySet<Access>| keys;
        let reader = follow_key_set(Late::new(&vault, late, &clock), millis(begin), make);
        issuers.push(reader.await.unwrap());
    }
    let authorizers = LATE.map(|late| authorizer(Late::new(&feed, late, &clock)));

    let mut alive: Vec<(Timestamp, String)> = Vec::new();
    let mut retired = Vec::new();
    let (mut accepted, mut kids) = (0, BTreeSet::new());
    let last = rotations[1].plus(Span::seconds(6 * HOUR));
    for now in moments::<Access>(begin, last, 300, &rotations) {
        set(&clock, now);
        if let Some(number) = rotations.iter().position(|at| *at == now) {
            let id = format!("r-{}", number + 1);
            rotate_access(&id, algorithm, now, &vault, &feed).await.unwrap();
        }
        alive.retain(|(exp, _)| now < exp.plus(LEEWAY));
        for issuer in &issuers {
            let keys = issuer.current(millis(now)).await.unwrap();
            let (exp, token) = access_token(&keys, now);
            kids.insert(kid(&token));
            alive.push((exp, token));
        }
        // A thief never stops signing with retired keys.
        retired.extend(retired_keys::<Access>(&vault, now));
        let forged: Vec<String> = retired.iter().map(|keys| access_token(keys, now).1).collect();

        for authorizer in &authorizers {
            let keys = authorizer.current(millis(now)).await.unwrap();
            for (_, token) in &alive {
                keys.verify(&unverified(token), now).unwrap();
                accepted += 1;
            }
            for token in &forged {
                assert!(
                    keys.verify(&unverified(token), now).is_err(),
                    "a retired key is believed at {now:?}"
                );
            }
        }
        // Other verifiers have the keys that the endpoint served as long ago as [`OTHERS`], but do not know when a key
        // retires.
        let fetched = Timestamp::new(now.get() - OTHERS.get());
        let others = Jwks::from_json(&feed.jwks_at(fetched).unwrap())
            .unwrap()
            .keys_at(fetched);
        let others = Verifier::access(issuer(), audience(), others.verifying_keys().unwrap());
        for (_, token) in &alive {
            others.verify(&unverified(token), now).unwrap();
        }
    }

    assert_eq!(kids.len(), 3, "both successors came to sign");
    assert!(!retired.is_empty() && accepted > 10_000, "{accepted}");
}

#[tokio::test]
async fn refresh_tokens() {
    let (vault, clock) = (Vault::empty(BEGIN), Mutex::new(BEGIN));
    rotate_refresh("r-0", BEGIN, &vault, &Feed::default()).await.unwrap();
    let begin = BEGIN.plus(OTHERS);
    let rotations = [1, 2, 3, 4, 5].map(|month| begin.plus(Span::seconds(30 * DAY * month)));
    set(&clock, begin);
    let mut readers = Vec::new();
    for late in LATE {
        let make = |keys: KeySet<Refresh>| RefreshKeys::new(keys, &issuer());
        let reader = follow_key_set(Late::new(&vault, late, &clock), millis(begin), make);
        readers.push(reader.await.unwrap());
    }

    let mut alive: Vec<(Timestamp, String)> = Vec::new();
    let mut devices: Vec<(Timestamp, String)> = Vec::new();
    let mut retired = Vec::new();
    let last = begin.plus(Span::seconds(260 * DAY));
    for now in moments::<Refresh>(begin, last, DAY, &rotations) {
        set(&clock, now);
        if let Some(number) = rotations.iter().position(|at| *at == now) {
            rotate_refresh(&format!("r-{}", number + 1), now, &vault, &Feed::default())
                .await
                .unwrap();
        }
        for tokens in [&mut alive, &mut devices] {
            tokens.retain(|(exp, _)| now < exp.plus(LEEWAY));
        }
        let mut known = Vec::new();
        for reader in &readers {
            known.push(reader.current(millis(now)).await.unwrap());
        }
        for keys in &known {
            let keys = KeySets {
                access: Arc::new(KeySet::from_json(r#"{"keys":[]}"#).unwrap()),
                refresh: Arc::clone(keys),
            };
            let draft = refresh_draft(now);
            let token = keys.sign(&draft).await.unwrap();
            alive.push((draft.exp, token.expose().to_owned()));
            let draft = device_draft(now);
            let token = keys.sign(&draft).await.unwrap();
            devices.push((draft.exp, token.expose().to_owned()));
        }
        retired.extend(retired_keys::<Refresh>(&vault, now));

        for keys in &known {
            for (_, token) in &alive {
                keys.verifier().verify(&unverified(token), now).unwrap();
            }
            for (_, token) in &devices {
                keys.devices().verify(&unverified(token), now).unwrap();
            }
            for old in &retired {
                let forged = old.sign(&refresh_draft(now)).unwrap();
                assert!(keys.verifier().verify(&unverified(forged.expose()), now).is_err());
            }
        }
    }

    assert!(!retired.is_empty());
}

fn unverified<K: TokenKind>(token: &str) -> Unverified<'_, K> {
    Unverified::parse(token).unwrap()
}

/// Returns the times that a test goes through: one every `step` seconds from `begin` to `end`, and the seconds before,
/// at and after each publication, activation and retirement of a key.
fn moments<K: TokenKind>(begin: Timestamp, end: Timestamp, step: u64, rotations: &[Timestamp]) -> BTreeSet<Timestamp> {
    let grid = (begin.get()..end.get()).step_by(usize::try_from(step).unwrap());
    let changes = rotations.iter().flat_map(|rotation| {
        let activation = rotation.plus(LEAD);
        let retirement = activation.plus(K::MAX_USE).plus(LEEWAY);
        [*rotation, activation, retirement]
    });
    let around = changes.flat_map(|at| [at.get() - 1, at.get(), at.get() + 1]);
    grid.chain(around).map(Timestamp::new).filter(|at| *at < end).collect()
}

/// Returns the keys that retire at `now`, each in its own set without a retirement time. With such a set, a test can
/// sign as a thief would.
fn retired_keys<K: TokenKind>(vault: &Vault, now: Timestamp) -> Vec<KeySet<K>> {
    let document = KeySetDocument::from_json(&vault.text()).unwrap();
    let alone = document
        .keys
        .into_iter()
        .filter(|key| key.retires_at == Some(now))
        .map(|mut key| {
            key.retires_at = None;
            KeySet::new(&KeySetDocument::of(vec![key])).unwrap()
        });
    alone.collect()
}

fn authorizer(feed: Late<'_, Feed>) -> Followed<Published<Late<'_, Feed>>, Verifier<Access>> {
    let following = Following {
        poll: POLL,
        stale: KEYS_STALE,
        on_failure: OnFailure::Closed,
    };
    follow_public_keys(feed, following, |jwks| {
        Ok(Verifier::access(issuer(), audience(), jwks.verifying_keys()?))
    })
}

/// Returns the expiry time of an access token with the maximum lifetime, and the token.
fn access_token(keys: &KeySet<Access>, now: Timestamp) -> (Timestamp, String) {
    let exp = now.plus(Access::MAX_LIFE);
    let draft: Draft<Access> = Draft {
        iss: issuer(),
        aud: audience(),
        sub: UserId::parse("user").unwrap(),
        jti: TokenId::parse("token").unwrap(),
        iat: now,
        exp,
        own: doubles::access_claims(now),
    };
    (exp, keys.sign(&draft).unwrap().expose().to_owned())
}

fn refresh_draft(now: Timestamp) -> Draft<Refresh> {
    Draft {
        iss: issuer(),
        aud: issuer().as_audience(),
        sub: UserId::parse("user").unwrap(),
        jti: TokenId::parse("token").unwrap(),
        iat: now,
        exp: now.plus(Refresh::MAX_LIFE),
        own: RefreshClaims {
            sid: SessionId::parse("session").unwrap(),
            generation: 0,
            delivery: Delivery::Body,
        },
    }
}

fn device_draft(now: Timestamp) -> Draft<Device> {
    Draft {
        iss: issuer(),
        aud: issuer().as_device_audience(),
        sub: UserId::parse("user").unwrap(),
        jti: TokenId::parse("token").unwrap(),
        iat: now,
        exp: now.plus(Device::MAX_LIFE),
        own: DeviceClaims {
            device: DeviceId::parse("device").unwrap(),
            password_changed_at: BEGIN,
            second_at: None,
            second_epoch: None,
        },
    }
}

fn kid(token: &str) -> String {
    token.split('.').next().unwrap().to_owned()
}

fn issuer() -> Issuer {
    Issuer::parse("https://issuer.example").unwrap()
}

fn audience() -> Audience {
    Audience::parse("dashboard").unwrap()
}

fn set(clock: &Mutex<Timestamp>, now: Timestamp) {
    *clock.lock().unwrap() = now;
}

const fn millis(now: Timestamp) -> Moment {
    Moment::new(now.get() * 1000)
}
