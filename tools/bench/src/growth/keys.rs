//! How the time of a verification, and the time to read the keys, grow with the number of keys.

use std::hint::black_box;

use claims::{
    Access, Algorithm, Clock as _, Jwks, KeySet, KeySetDocument, Span, Timestamp, Unverified, Verifier, VerifyingKeys,
};
use config::SystemClock;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{growth::time_in_turn, markdown, statistics::Spread};

const KEYS: [u64; 3] = [1, 2, 10];
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
/// The maximum time of a verification with ten keys, in verifications with one key.
const FLAT: f64 = 1.05;

/// A token, and a verifier that has the token's key among others.
pub(crate) struct Subject {
    set: KeySet<Access>,
    verifier: Verifier<Access>,
    token: String,
    now: Timestamp,
}

impl Subject {
    /// Makes a set of this many keys, and a token of the newest one.
    ///
    /// # Errors
    /// If a key cannot be made, or the token cannot be signed.
    pub(crate) fn new(algorithm: Algorithm, keys: u64) -> anyhow::Result<Self> {
        let now = SystemClock.now().timestamp();
        let (mut rng, mut entries) = (StdRng::seed_from_u64(keys), Vec::new());
        for number in 0..keys {
            let active = Timestamp::new(1_600_000_000 + number);
            let mut entry = keygen::key::<Access>(algorithm, active, &mut rng)?;
            entry.retires_at = (number + 1 < keys).then(|| now.plus(Span::seconds(86_400)));
            entries.push(entry);
        }
        let set = KeySet::new(&KeySetDocument::of(entries))?;
        let draft = doubles::access_draft(now);
        Ok(Self {
            token: set.sign(&draft)?.expose().to_owned(),
            verifier: Verifier::access(draft.iss, draft.aud, set.verifying_keys()),
            set,
            now,
        })
    }

    /// Verifies the token.
    pub(crate) fn verify(&self) {
        let token = Unverified::parse(black_box(&self.token));
        let is_good = token.is_ok_and(|token| self.verifier.verify(&token, self.now).is_ok());
        assert!(black_box(is_good), "a good token is refused");
    }
}

/// Prints the time of a verification with each number of keys, and the time to read the public keys. Returns the bounds
/// that are exceeded.
///
/// # Errors
/// If a key cannot be made.
pub(crate) fn measure() -> anyhow::Result<Vec<String>> {
    let (mut rows, mut exceeded) = (Vec::new(), Vec::new());
    for algorithm in ALGORITHMS {
        let [one, two, ten] = KEYS.map(|keys| Subject::new(algorithm, keys));
        let subjects = [one?, two?, ten?];
        let verify = subjects.each_ref().map(|subject| || subject.verify());
        let verified = time_in_turn(verify.each_ref().map(|verify| verify as &dyn Fn()));
        let sets = subjects.each_ref().map(|subject| subject.set.jwks().to_json());
        let read = sets.each_ref().map(|json| || read(json));
        let times = time_in_turn(read.each_ref().map(|read| read as &dyn Fn()));
        for (number, keys) in KEYS.iter().enumerate() {
            let ratio = Spread::of_ratios(&verified[number], &verified[0]);
            if ratio.median > FLAT {
                exceeded.push(format!(
                    "a verification with {keys} keys of {algorithm:?} takes {ratio} times one key"
                ));
            }
            let has_public_keys = algorithm != Algorithm::HS256;
            rows.push(vec![
                format!("{algorithm:?}"),
                keys.to_string(),
                ratio.to_string(),
                if has_public_keys {
                    format!("{:.1} us", Spread::new(&times[number]).median)
                } else {
                    "-".to_owned()
                },
            ]);
        }
    }
    let head = [
        "algorithm",
        "keys",
        "verification, compared with one key",
        "reading the public keys",
    ];
    markdown::print("Keys", &head, &rows);
    Ok(exceeded)
}

/// Reads public keys as an authorizer does at its start.
fn read(json: &str) {
    let keys: Option<VerifyingKeys<Access>> = Jwks::from_json(black_box(json))
        .ok()
        .and_then(|jwks| jwks.verifying_keys().ok());
    drop(black_box(keys));
}
