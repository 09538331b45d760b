//! Measures how long signing and verifying an access token takes with each algorithm, relative to verifying with HS256
//! in the same run.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and may panic"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use claims::{
    Access, AccessClaims, Algorithm, Audience, Draft, Issuer, KeySet, SessionId, Span, Timestamp, TokenId, Unverified,
    UserId, Verifier,
};
use rand::{SeedableRng as _, rngs::StdRng};

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const ALGORITHMS: [Algorithm; 4] = [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
/// The number of rounds. All algorithms take turns in each round, so that a busy machine slows down all of them.
const ROUNDS: u32 = 30;
/// How many tokens an algorithm signs in its turn, and how many it checks.
const TIMES: u32 = 100;

fn main() {
    let subjects = ALGORITHMS.map(Subject::new);
    let mut spent = [[Duration::ZERO; 2]; ALGORITHMS.len()];
    for _ in 0..ROUNDS {
        for (subject, [signing, checking]) in subjects.iter().zip(&mut spent) {
            *signing = signing.saturating_add(time(|| drop(black_box(subject.keys.sign(&draft()).unwrap()))));
            *checking = checking.saturating_add(time(|| {
                drop(black_box(
                    subject
                        .verifier
                        .verify(&Unverified::parse(&subject.token).unwrap(), NOW)
                        .unwrap(),
                ));
            }));
        }
    }
    let calls = f64::from(ROUNDS) * f64::from(TIMES);
    let [[_, least], ..] = spent.map(|each| each.map(|spent| spent.as_secs_f64()));
    println!("algorithm  token bytes   sign  check  check in us");
    for (subject, [signing, checking]) in subjects.iter().zip(spent) {
        println!(
            "{:9}  {:11}  {:5.1}  {:5.1}  {:.1}",
            format!("{:?}", subject.algorithm),
            subject.token.len(),
            signing.as_secs_f64() / least,
            checking.as_secs_f64() / least,
            checking.as_secs_f64() * 1e6 / calls,
        );
    }
}

fn time(work: impl Fn()) -> Duration {
    let began = Instant::now();
    for _ in 0..TIMES {
        work();
    }
    began.elapsed()
}

struct Subject {
    algorithm: Algorithm,
    keys: KeySet<Access>,
    verifier: Verifier<Access>,
    token: String,
}

impl Subject {
    fn new(algorithm: Algorithm) -> Self {
        let json = keygen::access_key_set(algorithm, NOW, &mut StdRng::seed_from_u64(1)).unwrap();
        let keys = KeySet::from_json(&json).unwrap();
        Self {
            algorithm,
            verifier: Verifier::access(draft().iss, draft().aud, keys.verifying_keys()),
            token: keys.sign(&draft()).unwrap().expose().to_owned(),
            keys,
        }
    }
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
