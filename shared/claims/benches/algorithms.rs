//! Measures how long signing and verifying an access token takes with each algorithm, relative to verifying with HS256
//! in the same run. Also measures verifying relative to `ring`'s bare check of the signature, and reading a public key.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and may panic"
)]

use std::{hint::black_box, time::Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{
    Access, AccessClaims, Algorithm, Audience, Draft, Issuer, Jwks, KeySet, SessionId, Span, Timestamp, TokenId,
    Unverified, UserId, Verifier,
};
use rand::{SeedableRng as _, rngs::StdRng};
use ring::{
    hmac,
    signature::{self, RsaPublicKeyComponents, UnparsedPublicKey},
};
use serde_json::Value;

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const ALGORITHMS: [Algorithm; 4] = [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
/// The number of rounds. All algorithms take turns in each round, so that a busy machine slows down all of them.
const ROUNDS: u32 = 30;
/// How many tokens an algorithm signs in its turn, and how many it checks.
const TIMES: u32 = 100;

fn main() {
    let subjects = ALGORITHMS.map(Subject::new);
    let mut spent = ALGORITHMS.map(|_| [const { Vec::new() }; 4]);
    for _ in 0..ROUNDS {
        for (subject, [signing, checking, bare, reading]) in subjects.iter().zip(&mut spent) {
            signing.push(time(|| drop(black_box(subject.keys.sign(&draft()).unwrap()))));
            checking.push(time(|| subject.check()));
            bare.push(time(|| assert!(black_box((subject.bare)()))));
            reading.push(time(|| {
                drop(black_box(
                    Jwks::from_json(&subject.jwks).unwrap().verifying_keys().unwrap(),
                ));
            }));
        }
    }
    let [[_, least, ..], ..] = spent.each_ref().map(|each| each.each_ref().map(|times| median(times)));
    println!("algorithm  token bytes   sign  check  check in us  check / bare check  reading a key in us");
    for (subject, [signing, checking, bare, reading]) in subjects.iter().zip(&spent) {
        let ratios: Vec<_> = checking
            .iter()
            .zip(bare)
            .map(|(checking, bare)| checking / bare)
            .collect();
        println!(
            "{:9}  {:11}  {:5.1}  {:5.1}  {:11.1}  {:18.2}  {:19.1}",
            format!("{:?}", subject.algorithm),
            subject.token.len(),
            median(signing) / least,
            median(checking) / least,
            median(checking),
            median(&ratios),
            median(reading),
        );
    }
}

/// Returns the median of these numbers.
fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    *sorted.get(sorted.len() / 2).unwrap()
}

/// Returns how long this takes, in microseconds.
fn time(work: impl Fn()) -> f64 {
    let began = Instant::now();
    for _ in 0..TIMES {
        work();
    }
    began.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
}

struct Subject {
    algorithm: Algorithm,
    keys: KeySet<Access>,
    verifier: Verifier<Access>,
    token: String,
    jwks: String,
    bare: Box<dyn Fn() -> bool>,
}

impl Subject {
    fn new(algorithm: Algorithm) -> Self {
        let json = keygen::access_key_set(algorithm, NOW, &mut StdRng::seed_from_u64(1)).unwrap();
        let keys = KeySet::from_json(&json).unwrap();
        let token = keys.sign(&draft()).unwrap().expose().to_owned();
        let jwks = keys.jwks().to_json();
        let key = if algorithm == Algorithm::HS256 { &*json } else { &jwks };
        Self {
            algorithm,
            verifier: Verifier::access(draft().iss, draft().aud, keys.verifying_keys()),
            bare: bare_check(algorithm, key, &token),
            token,
            jwks,
            keys,
        }
    }

    fn check(&self) {
        let token = Unverified::parse(&self.token).unwrap();
        drop(black_box(self.verifier.verify(&token, NOW).unwrap()));
    }
}

/// Returns a function that only checks the signature of a token, with the first key of a set.
fn bare_check(algorithm: Algorithm, keys: &str, token: &str) -> Box<dyn Fn() -> bool> {
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let set: Value = serde_json::from_str(keys).unwrap();
    let member = |name: &str| decode(set.pointer(&format!("/keys/0/{name}")).unwrap().as_str().unwrap());
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (input, signature) = (input.as_bytes().to_vec(), decode(signature));
    if algorithm == Algorithm::HS256 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &member("k"));
        return Box::new(move || hmac::verify(&key, &input, &signature).is_ok());
    }
    if algorithm == Algorithm::RS256 {
        let key = RsaPublicKeyComponents {
            n: member("n"),
            e: member("e"),
        };
        let scheme = &signature::RSA_PKCS1_2048_8192_SHA256;
        return Box::new(move || key.verify(scheme, &input, &signature).is_ok());
    }
    let key = if algorithm == Algorithm::ES256 {
        let point = [&[4], member("x").as_slice(), &member("y")].concat();
        UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
    } else {
        UnparsedPublicKey::new(&signature::ED25519, member("x"))
    };
    Box::new(move || key.verify(&input, &signature).is_ok())
}

fn draft() -> Draft<Access> {
    Draft {
        iss: Issuer::parse("https://issuer.example").unwrap(),
        aud: Audience::parse("dashboard").unwrap(),
        sub: UserId::parse("01a2108a-621e-79da-a158-729f76b918c0").unwrap(),
        jti: TokenId::parse("01a2108a-621e-79da-a158-729f76b918c2").unwrap(),
        iat: NOW,
        exp: NOW.plus(Span::seconds(900)),
        own: AccessClaims {
            sid: SessionId::parse("01a2108a-621e-79da-a158-729f76b918c1").unwrap(),
            ..doubles::access_claims(NOW)
        },
    }
}
