//! The key sets of all tests, made once, since RSA keys are slow to make.

use std::sync::OnceLock;

use claims::{Access, Algorithm, Jwks, KeySet, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};

/// Active since long before any test begins.
const ACTIVE: Timestamp = Timestamp::new(1_600_000_000);

/// The access key set, as JSON.
#[must_use]
pub fn access_keys() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        let rng = &mut StdRng::seed_from_u64(1);
        keygen::access_key_set(Algorithm::RS256, ACTIVE, rng)
            .unwrap()
            .to_string()
    })
}

/// The refresh key set, as JSON.
#[must_use]
pub fn refresh_keys() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| keygen::refresh_key_set(ACTIVE, &mut StdRng::seed_from_u64(2)).to_string())
}

/// The public half of the access key set.
#[must_use]
pub fn jwks() -> Jwks {
    KeySet::<Access>::from_json(access_keys()).unwrap().jwks()
}
