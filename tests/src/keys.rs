//! The keys of a stack. They are made once and shared by all tests, or they are in secrets.

use std::sync::OnceLock;

use claims::{Access, Algorithm, Jwks, KeySet, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;

use crate::Secrets;

/// The activation time of the keys, which is long before any test.
const ACTIVE: Timestamp = Timestamp::new(1_600_000_000);

/// Returns the access key set as JSON.
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

/// Returns the refresh key set as JSON.
#[must_use]
pub fn refresh_keys() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| keygen::refresh_key_set(ACTIVE, &mut StdRng::seed_from_u64(2)).to_string())
}

/// The pseudonym key.
pub(crate) const PSEUDONYM_KEY: &str = "a key of pseudonyms for all the tests";

/// The two keys of the proxy, for a stack behind one.
pub const EDGE_KEYS: [&str; 2] = [
    "first key of the proxy of all the tests",
    "second key of the proxy of all the tests",
];

/// Returns the public keys of the access key set.
#[must_use]
pub fn jwks() -> Jwks {
    KeySet::<Access>::from_json(access_keys()).unwrap().jwks()
}

/// The location of a stack's keys.
#[derive(Debug)]
pub enum Keys {
    /// The key sets of all tests, in the environment.
    Given,
    /// Secrets, as in the cloud.
    InSecrets(Secrets),
    /// The secrets of the template, which do not exist here.
    AsDeployed,
}

impl Keys {
    pub(crate) fn are_in_secrets(&self) -> bool {
        matches!(self, Self::InSecrets(_))
    }

    pub(crate) fn endpoint(&self) -> &str {
        match self {
            Self::InSecrets(secrets) => &secrets.endpoint,
            Self::Given | Self::AsDeployed => "http://localhost:0",
        }
    }

    /// Returns the variable of the access keys and its value.
    pub(crate) fn access(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("ACCESS_KEYS".to_owned(), access_keys().to_owned()),
            Self::InSecrets(secrets) => ("ACCESS_KEYS_SECRET".to_owned(), secrets.access.clone()),
            Self::AsDeployed => ("ACCESS_KEYS_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the variable of the refresh keys and its value.
    pub(crate) fn refresh(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("REFRESH_KEYS".to_owned(), refresh_keys().to_owned()),
            Self::InSecrets(secrets) => ("REFRESH_KEYS_SECRET".to_owned(), secrets.refresh.clone()),
            Self::AsDeployed => ("REFRESH_KEYS_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the variable of the pseudonym key and its value.
    pub(crate) fn pseudonym(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("PSEUDONYM_KEY".to_owned(), PSEUDONYM_KEY.to_owned()),
            Self::InSecrets(secrets) => ("PSEUDONYM_KEY_SECRET".to_owned(), secrets.pseudonym.clone()),
            Self::AsDeployed => ("PSEUDONYM_KEY_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the variable of the proxy's keys and its value, which is empty if the template has no proxy.
    pub(crate) fn edge(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given if !deployed.is_empty() => {
                let [first, second] = EDGE_KEYS;
                (
                    "EDGE_KEYS".to_owned(),
                    json!({"first": first, "second": second}).to_string(),
                )
            }
            Self::Given | Self::InSecrets(_) | Self::AsDeployed => ("EDGE_KEYS_SECRET".to_owned(), deployed),
        }
    }
}
