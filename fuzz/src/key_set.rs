//! Key sets: JSON as it stands in a secret.

use claims::{Access, KeySet, Refresh, Timestamp};

/// Reads whatever it is, and asks what was read for its public half.
///
/// # Panics
/// When a set publishes what others would not read.
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
