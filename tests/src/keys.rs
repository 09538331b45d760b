//! The keys of a stack. Its functions get them from environment variables, which have the same keys in all tests, or
//! from secrets.

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

/// The pseudonym key of all stacks.
pub const PSEUDONYM_KEY: &str = "a key of pseudonyms for all the tests";

/// The key that seals the addresses of requested mails, of all stacks.
pub const MAIL_KEY: &str = r#"{"current":"a key of requested mails for all tests"}"#;

/// The key that seals the seeds of second factors, of all stacks.
pub const FACTOR_KEY: &str = r#"{"current":"a key of second factors for all the tests"}"#;

/// The two keys of the proxy, for a stack behind a proxy.
pub const EDGE_KEYS: [&str; 2] = [
    "first key of the proxy of all the tests",
    "second key of the proxy of all the tests",
];

/// Returns the public keys of the access key set.
#[must_use]
pub fn jwks() -> Jwks {
    KeySet::<Access>::from_json(access_keys()).unwrap().jwks()
}

/// Where a stack's functions get their keys.
#[derive(Debug)]
pub enum Keys {
    /// From environment variables, which contain the keys that all tests share.
    Given,
    /// From secrets that were made for the test, as in AWS.
    InSecrets(Secrets),
    /// From the secrets that the template names, which do not exist in tests.
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

    /// Returns the name and the value of the variable for the access keys. `deployed` is the value in the template.
    pub(crate) fn access(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("ACCESS_KEYS".to_owned(), access_keys().to_owned()),
            Self::InSecrets(secrets) => ("ACCESS_KEYS_SECRET".to_owned(), secrets.access.clone()),
            Self::AsDeployed => ("ACCESS_KEYS_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the name and the value of the variable for the refresh keys. `deployed` is the value in the template.
    pub(crate) fn refresh(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("REFRESH_KEYS".to_owned(), refresh_keys().to_owned()),
            Self::InSecrets(secrets) => ("REFRESH_KEYS_SECRET".to_owned(), secrets.refresh.clone()),
            Self::AsDeployed => ("REFRESH_KEYS_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the name and the value of the variable for the pseudonym key. `deployed` is the value in the template.
    pub(crate) fn pseudonym(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("PSEUDONYM_KEY".to_owned(), PSEUDONYM_KEY.to_owned()),
            Self::InSecrets(secrets) => ("PSEUDONYM_KEY_SECRET".to_owned(), secrets.pseudonym.clone()),
            Self::AsDeployed => ("PSEUDONYM_KEY_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the name and the value of the variable for the mail key. `deployed` is the value in the template.
    pub(crate) fn mail(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("MAIL_KEY".to_owned(), MAIL_KEY.to_owned()),
            Self::InSecrets(secrets) => ("MAIL_KEY_SECRET".to_owned(), secrets.mail.clone()),
            Self::AsDeployed => ("MAIL_KEY_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the name and the value of the variable for the key of second factors. `deployed` is the value in the template.
    pub(crate) fn factors(&self, deployed: String) -> (String, String) {
        match self {
            Self::Given => ("FACTOR_KEY".to_owned(), FACTOR_KEY.to_owned()),
            Self::InSecrets(secrets) => ("FACTOR_KEY_SECRET".to_owned(), secrets.factors.clone()),
            Self::AsDeployed => ("FACTOR_KEY_SECRET".to_owned(), deployed),
        }
    }

    /// Returns the name and the value of the variable for the proxy's keys. `deployed` is the value in the template,
    /// which is empty if there is no proxy.
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
