//! The fuzz target for key sets: JSON from a secret.

use claims::{Access, KeySet, Refresh, Timestamp};

/// Reads the data as a key set, and derives its public keys.
///
/// # Panics
/// If a set publishes keys that verifiers do not accept.
pub fn run(data: &[u8]) {
    let json = String::from_utf8_lossy(data);
    if let Ok(keys) = KeySet::<Access>::from_json(&json) {
        let _ = (keys.ready(Timestamp::new(1_700_000_000)), keys.verifying_keys());
        assert!(keys.jwks().verifying_keys().is_ok());
    }
    if let Ok(keys) = KeySet::<Refresh>::from_json(&json) {
        let _ = keys.verifying_keys();
    }
}
